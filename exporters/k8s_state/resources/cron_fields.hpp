// The fields of a cron schedule, and the durations of @every.
#pragma once

#include "common/base/result.hpp"
#include "exporters/k8s_state/resources/cron.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::k8s {

struct CronField {
    std::string_view name;
    int least, most;
    std::span<const std::string_view> words;  // for least, least + 1 …
};

extern const CronField cron_minutes, cron_hours, cron_days, cron_months, cron_weekdays;

/// "1-5", "*/15,30", "MON-FRI"; sets `idle_step` when a step is as long as its range.
Result<Schedule::Values> read_cron_field(std::string_view text, const CronField& field, bool& idle_step);

/// "1h30m", "-1.5s" in whole seconds, towards zero.
Result<std::int64_t> read_cron_duration(std::string_view text);

}  // namespace pifleet::k8s
