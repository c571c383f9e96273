#include "exporters/node/collectors/perf_counter.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace pifleet::node {

int open_perf_event(std::uint32_t type, std::uint64_t config, unsigned cpu) {
    perf_event_attr event{};
    event.size = sizeof event;
    event.type = type;
    event.config = config;
    event.exclude_hv = 1;
    event.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    constexpr int every_process = -1;
    constexpr int no_group = -1;
    const auto descriptor = ::syscall(
        SYS_perf_event_open, &event, every_process, static_cast<int>(cpu), no_group, PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : static_cast<int>(descriptor);
}

PerfCounter::PerfCounter(PerfCounter&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      count_(other.count_),
      enabled_(other.enabled_),
      running_(other.running_),
      total_(other.total_) {}

PerfCounter::~PerfCounter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<double> PerfCounter::read() {
    std::uint64_t answer[3] = {};  // the count, how long it was on, how long it really counted (nanoseconds)
    const auto got = ::read(descriptor_, answer, sizeof answer);
    if (got < 0) return failure(std::string("perf: cannot read a counter: ") + std::strerror(errno));
    if (got == 0) return total_;  // its CPU is offline
    if (got != sizeof answer) return failure("perf: a counter's answer is cut short");
    const auto [count, enabled, running] = answer;
    if (count < count_ || enabled < enabled_ || running < running_)
        return failure("perf: a counter went backwards");
    const auto counted = static_cast<double>(count - count_);
    const auto on = static_cast<double>(enabled - enabled_);
    const auto ran = static_cast<double>(running - running_);
    total_ += ran > 0 && ran < on ? counted * on / ran : counted;
    count_ = count;
    enabled_ = enabled;
    running_ = running;
    return total_;
}

}  // namespace pifleet::node
