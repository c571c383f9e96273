// Why samples do not reach a backend although nobody refused them: counted by reason, per batch and since
// start.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace pifleet::forwarder {

/// The names stand in status/snapshot.hpp.
enum class LeftOut {
    rules,    // write_relabel_configs
    too_old,  // for the backend
    nan,      // values that its format cannot tell
    infinite,
    stale,
    unsupported,  // of another kind: too many labels, a name that cannot be made legal …
    delta_start,  // the first of a counter whose increase is sent: there is nothing yet that it increased
                  // from
    collision,    // of series that the format cannot tell from others of the batch
};

class LeftOutCounts {
  public:
    std::uint64_t& operator[](LeftOut why) { return by_[static_cast<std::size_t>(why)]; }
    std::uint64_t operator[](LeftOut why) const { return by_[static_cast<std::size_t>(why)]; }
    LeftOutCounts& operator+=(const LeftOutCounts& other) {
        for (std::size_t i = 0; i < by_.size(); ++i) by_[i] += other.by_[i];
        return *this;
    }
    std::uint64_t total() const { return std::accumulate(by_.begin(), by_.end(), std::uint64_t{0}); }
    const std::array<std::uint64_t, 8>& all() const { return by_; }

  private:
    std::array<std::uint64_t, 8> by_{};
};

}  // namespace pifleet::forwarder
