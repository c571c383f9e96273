// global.node_name: auto (not in Prometheus): a target without a label node_name gets one, because dashboards
// and alarms group by it and a receiver cannot join it. It is the nodename of the page's node_uname_info, or
// the target's host where the page has none, and stays for the life of the target: its page is read once for
// the name alone before any sample of it is taken. A target that is down at first is reported by its host; if
// its page then says another name, those series end with stale markers.
#pragma once

#include "common/metrics/parser.hpp"

#include <cstddef>
#include <string>

namespace pifleet::forwarder {

class NodeNameReader final : public metrics::PageHandler {
  public:
    /// Longer ones are not taken; Linux has 64.
    static constexpr std::size_t most = 255;

    Result<void> on_sample(const metrics::SampleLine& line) override;
    /// What the page said; empty: nothing.
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

}  // namespace pifleet::forwarder
