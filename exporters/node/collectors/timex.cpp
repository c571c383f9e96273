// How well the kernel keeps the clock right, by adjtimex(2) (which, without a change to make, anybody may
// call): always this machine's, whatever the root folders say.
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <cstring>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family gauge(std::string_view name, std::string_view help) {
    return {name, Type::gauge, help};
}
constexpr Family counter(std::string_view name, std::string_view help) {
    return {name, Type::counter, help};
}

constexpr Family synchronised =
    gauge("node_timex_sync_status", "Whether the clock is kept right by a time source.");
constexpr Family offset =
    gauge("node_timex_offset_seconds", "How far the clock is off, as the time source says.");
constexpr Family frequency =
    gauge("node_timex_frequency_adjustment_ratio", "How much faster the clock is made to run.");
constexpr Family most_error = gauge("node_timex_maxerror_seconds", "How far the clock can be off at most.");
constexpr Family error = gauge("node_timex_estimated_error_seconds", "How far the clock is off by estimate.");
constexpr Family status = gauge("node_timex_status", "The kernel's status bits.");
constexpr Family constant = gauge("node_timex_loop_time_constant", "How slowly the clock is steered.");
constexpr Family tick = gauge("node_timex_tick_seconds", "Time between two ticks.");
constexpr Family pps_frequency =
    gauge("node_timex_pps_frequency_hertz", "Frequency by the pulse per second.");
constexpr Family pps_jitter = gauge("node_timex_pps_jitter_seconds", "How unsteady the pulse per second is.");
constexpr Family pps_shift = gauge("node_timex_pps_shift_seconds", "How long the pulse is averaged over.");
constexpr Family pps_stability =
    gauge("node_timex_pps_stability_hertz", "How much the pulse's frequency wanders.");
constexpr Family pps_jitters = counter("node_timex_pps_jitter_total", "Pulses that were too unsteady.");
constexpr Family pps_calibrations = counter("node_timex_pps_calibration_total", "Calibrations by the pulse.");
constexpr Family pps_errors = counter("node_timex_pps_error_total", "Calibrations that failed.");
constexpr Family pps_wanders =
    counter("node_timex_pps_stability_exceeded_total", "Times that the pulse wandered too far.");
constexpr Family tai = gauge("node_timex_tai_offset_seconds", "How far atomic time is ahead of UTC.");

constexpr double micro = 1e6, nano = 1e9;
constexpr double scaled_ppm = 1e6 * 65536;  // frequencies are in parts per million with a 16 bit fraction

class Timex final : public Collector {
    Result<void> collect(const Host&, metrics::Page& page) override {
        timex t{};
        const int state = ::adjtimex(&t);
        if (state < 0 && errno == EPERM) return absent("adjtimex is not allowed here");
        if (state < 0) return failure(std::string("adjtimex: ") + std::strerror(errno));
        const double unit = (t.status & STA_NANO) != 0 ? nano : micro;
        const auto add = [&page](const Family& family, auto value, double divisor = 1) {
            page.add(family, static_cast<double>(value) / divisor);
        };
        add(synchronised, state == TIME_ERROR ? 0 : 1);
        add(offset, t.offset, unit);
        page.add(frequency, 1 + static_cast<double>(t.freq) / scaled_ppm);
        add(most_error, t.maxerror, micro);
        add(error, t.esterror, micro);
        add(status, t.status);
        add(constant, t.constant);
        add(tick, t.tick, micro);
        add(pps_frequency, t.ppsfreq, scaled_ppm);
        add(pps_jitter, t.jitter, unit);
        add(pps_shift, t.shift);
        add(pps_stability, t.stabil, scaled_ppm);
        add(pps_jitters, t.jitcnt);
        add(pps_calibrations, t.calcnt);
        add(pps_errors, t.errcnt);
        add(pps_wanders, t.stbcnt);
        add(tai, t.tai);
        return {};
    }
};

}  // namespace

extern const CollectorKind timex_kind;
constinit const CollectorKind timex_kind{
    "timex", true, "how well the clock is kept right", {}, make_collector<Timex>};

}  // namespace pifleet::node
