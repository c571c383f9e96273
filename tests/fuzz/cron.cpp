// Schedules and time zones: the first line is a schedule, the rest a file of the time zone database. Whatever
// can be read has its next time behind the given one, soon found, at a full minute of the zone.
#include "exporters/k8s_state/resources/cron.hpp"

#include "exporters/k8s_state/resources/time_zone.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pifleet::k8s;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find('\n');
    const auto file = TimeZone::parse(line == std::string_view::npos ? "" : text.substr(line + 1));
    const auto zone = file ? *file : TimeZone();
    const auto schedule = Schedule::parse(text.substr(0, line));
    if (!schedule) return 0;
    for (const std::int64_t after : {0L, 1'795'350'107L, -62'135'596'800L, 253'402'300'799L}) {
        const auto next = schedule->next(after, zone);
        if (!next) continue;
        if (*next <= after) std::abort();
        if (!text.substr(0, line).ends_with('*')) continue;  // @every: at any second
        if ((*next + zone.offset(*next)) % 60 != 0) std::abort();
    }
    return 0;
}
