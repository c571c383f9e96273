// When a CronJob runs next, as its controller computes it: the controller's library decides what a schedule
// means and how a clock change moves it, oddities included, because what it does is what happens.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::k8s {

class TimeZone;

class Schedule {
  public:
    /// Five fields or a word with @, either behind "TZ=Europe/Berlin " or "CRON_TZ=…". The error says what is
    /// wrong.
    static Result<Schedule> parse(std::string_view text);

    /// The first time after this one; nothing when there is none in this year and the five that follow.
    /// Seconds since 1970, of a year in 0 … 9999.
    std::optional<std::int64_t> next(std::int64_t after, const TimeZone& zone) const;

    /// The zone that stands in the text; it goes before any other.
    const std::optional<std::string>& zone() const { return zone_; }

    /// Whether a step leaves a range's first value alone: */60 is once an hour, which few who write it mean.
    bool has_idle_step() const { return idle_step_; }

    /// Values that a field may have, one bit each.
    struct Values {
        std::uint64_t bits = 0;
        bool any = false;  // `*` or `?`: no restriction
        bool has(std::int64_t value) const { return (bits >> value & 1) != 0; }
    };

  private:
    bool fits_day(unsigned day, unsigned weekday) const;

    std::optional<std::string> zone_;
    std::optional<std::int64_t> every_;  // seconds; then the fields are of no use
    Values minutes_, hours_, days_, months_, weekdays_;
    bool idle_step_ = false;
};

}  // namespace pifleet::k8s
