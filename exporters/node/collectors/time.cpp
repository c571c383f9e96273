// The machine's clock, its time zone, and which hardware the kernel counts time with.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <ctime>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family seconds{"node_time_seconds", Type::gauge, "The machine's clock, in seconds since 1970."};
constexpr Family zone_offset{
    "node_time_zone_offset_seconds", Type::gauge, "How far the machine's time zone is ahead of UTC."};
constexpr Family available{
    "node_time_clocksource_available_info", Type::gauge, "Clock sources that the kernel could use."};
constexpr Family current{
    "node_time_clocksource_current_info", Type::gauge, "The clock source that the kernel uses."};

void add_clock(metrics::Page& page) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const auto nanoseconds = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
    page.add(seconds, static_cast<double>(nanoseconds) / 1e9);
    tzset();  // localtime_r alone would never notice a changed /etc/localtime
    std::tm local{};
    if (localtime_r(&now.tv_sec, &local) != nullptr)
        page.add(zone_offset, {{"time_zone", local.tm_zone}}, static_cast<double>(local.tm_gmtoff));
}

// `device` counts the sources in the order of their folders.
Result<void> add_clocksource(const std::string& folder, const std::string& device, metrics::Page& page) {
    const auto names = read_line(folder + "/available_clocksource");
    if (!names) return failure(names.error().message);
    const auto in_use = read_line(folder + "/current_clocksource");
    if (!in_use) return failure(in_use.error().message);
    if (in_use->empty()) return failure(folder + "/current_clocksource is empty");
    const auto all = valid_utf8(*names);
    std::string_view rest = all;
    for (auto name = next_word(rest); !name.empty(); name = next_word(rest))
        page.add(available, {{"clocksource", name}, {"device", device}}, 1);
    page.add(current, {{"clocksource", valid_utf8(*in_use)}, {"device", device}}, 1);
    return {};
}

class Time final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        add_clock(page);
        Result<void> result;
        const auto folder = host.sys("devices/system/clocksource");
        int device = 0;
        for (const auto& name : numbered_entries(folder, "clocksource"))
            note(result, add_clocksource(folder + "/" + name, std::to_string(device++), page));
        return result;
    }
};

}  // namespace

extern const CollectorKind time_kind;
constinit const CollectorKind time_kind{
    "time",
    true,
    "the clock, its zone and its source",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Time>();
    },
};

}  // namespace pifleet::node
