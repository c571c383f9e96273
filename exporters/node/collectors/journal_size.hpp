// How much room systemd's journal takes, on the disk and in memory.
#pragma once

#include "exporters/node/collector.hpp"

#include <chrono>
#include <optional>

namespace pifleet::node {

/// Walking through the folders is not free, so a sum stands for five minutes.
class JournalSize {
  public:
    void add(const Host& host, metrics::Page& page);

  private:
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> measured_;
    std::optional<double> persistent_, in_memory_;
};

}  // namespace pifleet::node
