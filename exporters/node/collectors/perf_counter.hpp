// A counter of the kernel's performance events (perf_event_open(2)) on one CPU, for all that runs there.
// Opening it is behind a function, so that what the kernel answers can be made up in a test.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <functional>

namespace pifleet::node {

/// Gives a descriptor that counts, or -errno.
using PerfOpen = std::function<int(std::uint32_t type, std::uint64_t config, unsigned cpu)>;

/// The one of the running kernel.
int open_perf_event(std::uint32_t type, std::uint64_t config, unsigned cpu);

class PerfCounter {
  public:
    explicit PerfCounter(int descriptor) : descriptor_(descriptor) {}
    PerfCounter(PerfCounter&& other) noexcept;
    PerfCounter& operator=(PerfCounter&&) = delete;
    ~PerfCounter();

    /// Since it was opened. A CPU has few counters and shares them out among more events: the parts of the
    /// time in which this one had none are filled in by what it counted since the last call. Never less than
    /// the last time.
    Result<double> read();

  private:
    int descriptor_;
    std::uint64_t count_ = 0, enabled_ = 0, running_ = 0;  // the last answer
    double total_ = 0;
};

}  // namespace pifleet::node
