// The page while it is sent: kind by kind, family by family, as views of the texts that the stores hold. A
// kind is frozen when the walk enters it and let go as the walk goes on, so that a slow reader holds one kind
// at most, and only what has changed since takes memory twice.
#pragma once

#include "common/http/message.hpp"
#include "common/metrics/page.hpp"
#include "exporters/k8s_state/feed.hpp"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class PageSource final : public http::BodySource {
  public:
    PageSource(std::vector<std::shared_ptr<const Feed>> feeds, metrics::Format format);

    void next(std::vector<std::string_view>& pieces, std::size_t most) override;

  private:
    bool advance();
    void enter(const Feed& feed);

    const std::vector<std::shared_ptr<const Feed>> feeds_;
    const metrics::Format format_;
    std::size_t kind_ = 0;    // the next to enter
    std::size_t family_ = 0;  // of the kind entered, the next to begin
    std::size_t text_ = 0;    // of the snapshot, the next to send
    std::size_t family_end_ = 0;
    const Feed* feed_ = nullptr;  // the kind entered
    Store::Snapshot snapshot_;
    std::string note_;              // why a kind is missing
    std::string_view left_;         // of the text under way
    std::vector<SharedText> held_;  // what the piece under way refers to
    bool ended_ = false;
};

}  // namespace pifleet::k8s
