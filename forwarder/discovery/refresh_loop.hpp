// One provider of one job over time: asks it again and again, keeps of each source what it last said well,
// counts and tells what went wrong.
#pragma once

#include "forwarder/discovery/discovered.hpp"
#include "forwarder/discovery/provider.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pifleet::forwarder {

struct DiscoveryStatus {
    std::string job;
    std::string_view mechanism;
    std::size_t sources = 0, targets = 0;       // that are known
    std::uint64_t refreshes = 0, failures = 0;  // failures: of refreshes in which a source failed
    std::int64_t time_ms = 0;  // of the last refresh that went well, since the epoch; 0: none yet
    std::string error;         // of the last refresh; empty when it went well
};

class RefreshLoop : public std::enable_shared_from_this<RefreshLoop> {
  public:
    using MakeProvider = std::function<std::shared_ptr<Provider>(const ProviderSurroundings&)>;
    using Changed = std::function<void(bool first)>;  // the groups are others; for the first time

    RefreshLoop(boost::asio::any_io_executor executor, std::string job);

    /// `before`: what counts until the provider has answered, and what is kept of sources that it cannot
    /// read. A provider that need not wait has answered when this returns.
    void start(const MakeProvider& make, std::vector<DiscoveredGroup> before, Changed changed);
    void stop();

    const std::vector<DiscoveredGroup>& groups() const { return groups_; }
    const DiscoveryStatus& status() const { return status_; }

  private:
    void refresh();
    void take(std::vector<Finding> found);
    void note_errors(const std::map<std::string, std::string>& errors);

    boost::asio::steady_timer timer_;
    std::shared_ptr<Provider> provider_;
    std::vector<DiscoveredGroup> groups_;
    Changed changed_;
    DiscoveryStatus status_;
    std::map<std::string, std::string> errors_;  // by source, of the last refresh
    bool busy_ = false, again_ = false, stopped_ = false;
};

}  // namespace pifleet::forwarder
