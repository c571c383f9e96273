// How long each CPU ran tasks and let tasks wait (/proc/schedstat, where the kernel was built with it). The
// last three of a CPU's nine numbers, the first two of them in nanoseconds.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string_view>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family running{
    "node_schedstat_running_seconds_total", Type::counter, "Time that tasks ran on the CPU."};
constexpr Family waiting{"node_schedstat_waiting_seconds_total",
                         Type::counter,
                         "Time that tasks waited for their turn on the CPU."};
constexpr Family timeslices{
    "node_schedstat_timeslices_total", Type::counter, "Turns that tasks had on the CPU."};

class Schedstat final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("schedstat");
        const auto text = read_lines_if_any(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        if (lines.word() != "version") return lines.error("not the kernel's heading");
        while (lines.next()) {
            auto cpu = lines.word();
            if (!cpu.starts_with("cpu")) continue;  // timestamp, domain0, ...
            cpu.remove_prefix(3);
            if (cpu.empty() || cpu.find_first_not_of("0123456789") != std::string_view::npos)
                return lines.error("a CPU without a number");
            std::uint64_t values[9];
            for (auto& value : values) {
                const auto number = lines.number();
                if (!number) return number.error();
                value = *number;
            }
            page.add(running, {{"cpu", cpu}}, static_cast<double>(values[6]) / 1e9);
            page.add(waiting, {{"cpu", cpu}}, static_cast<double>(values[7]) / 1e9);
            page.add(timeslices, {{"cpu", cpu}}, static_cast<double>(values[8]));
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind schedstat_kind;
constinit const CollectorKind schedstat_kind{
    "schedstat", true, "how long tasks ran and waited, by CPU", {}, make_collector<Schedstat>};

}  // namespace pifleet::node
