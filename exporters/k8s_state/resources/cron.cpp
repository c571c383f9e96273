#include "exporters/k8s_state/resources/cron.hpp"

#include "exporters/k8s_state/resources/cron_fields.hpp"
#include "exporters/k8s_state/resources/time_zone.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace pifleet::k8s {

namespace {

namespace chrono = std::chrono;

constexpr std::string_view blanks = " \t\n\v\f\r";
constexpr int years_ahead = 5;
// A search that needs more steps goes round in circles, in a zone that is no earthly one.
constexpr int most_steps = 20'000;

constexpr std::pair<std::string_view, std::string_view> words[] = {
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

std::vector<std::string_view> split_blanks(std::string_view text) {
    std::vector<std::string_view> out;
    for (auto from = text.find_first_not_of(blanks); from != std::string_view::npos;
         from = text.find_first_not_of(blanks, from)) {
        const auto to = std::min(text.find_first_of(blanks, from), text.size());
        out.push_back(text.substr(from, to - from));
        from = to;
    }
    return out;
}

// A time as the clock on the wall shows it.
struct Wall {
    int year;
    unsigned month, day, weekday;
    int hour, minute, second;
};

Wall wall(std::int64_t time, const TimeZone& zone) {
    const chrono::sys_seconds local(chrono::seconds(time + zone.offset(time)));
    const auto day = chrono::floor<chrono::days>(local);
    const chrono::year_month_day date(day);
    const auto seconds = static_cast<int>((local - day).count());
    return {static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()),
            static_cast<unsigned>(date.day()),
            chrono::weekday(day).c_encoding(),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60};
}

// The time when the clock shows this; a day or month too many goes over into the next. When it shows it
// twice, or never, it is one of the times around, chosen as Go's time.Date does.
std::int64_t time_of(const Wall& wall, const TimeZone& zone) {
    const auto month = chrono::year(wall.year) / chrono::January / 1 + chrono::months(wall.month - 1);
    const auto days = chrono::sys_days(month) + chrono::days(wall.day - 1);
    const auto local = days.time_since_epoch().count() * std::int64_t{86400} + wall.hour * 3600 +
                       wall.minute * 60 + wall.second;
    return local - zone.offset(local - zone.offset(local));
}

// Midnight of the day after. Where the clock jumps over midnight the hour is set right from the other side.
std::int64_t next_day(Wall now, const TimeZone& zone) {
    ++now.day;
    const auto time = time_of(now, zone);
    const auto hour = wall(time, zone).hour;
    return hour > 12 ? time + (24 - hour) * 3600 : time - hour * 3600;
}

}  // namespace

bool Schedule::fits_day(unsigned day, unsigned weekday) const {
    const bool by_date = days_.has(day), by_weekday = weekdays_.has(weekday);
    return days_.any || weekdays_.any ? by_date && by_weekday : by_date || by_weekday;
}

std::optional<std::int64_t> Schedule::next(std::int64_t after, const TimeZone& zone) const {
    if (every_) return after + *every_;
    for (const auto* values : {&minutes_, &hours_, &days_, &months_, &weekdays_})
        if (values->bits == 0) return std::nullopt;  // ",": no value at all
    auto time = after + 1;
    const auto last_year = wall(time, zone).year + years_ahead;
    bool moved = false;  // from then on the fields below the one that is looked at are at their least
    for (int step = 0; step < most_steps; ++step) {
        auto now = wall(time, zone);
        if (now.year > last_year) return std::nullopt;
        if (!months_.has(now.month)) {
            if (!std::exchange(moved, true)) now = {now.year, now.month, 1, 0, 0, 0, 0};
            ++now.month;
            time = time_of(now, zone);
        } else if (!fits_day(now.day, now.weekday)) {
            if (!std::exchange(moved, true)) now.hour = now.minute = now.second = 0;
            time = next_day(now, zone);
        } else if (!hours_.has(now.hour)) {
            if (!std::exchange(moved, true)) {
                now.minute = now.second = 0;
                time = time_of(now, zone);
            }
            time += 3600;
        } else if (!minutes_.has(now.minute) || now.second != 0) {
            moved = true;
            time += 60 - now.second;
        } else {
            return time;
        }
    }
    return std::nullopt;
}

Result<Schedule> Schedule::parse(std::string_view text) {
    Schedule schedule;
    if (text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) {
        const auto blank = text.find(' '), from = text.find('=') + 1;
        if (blank == std::string_view::npos) return failure("cron: nothing behind the time zone");
        schedule.zone_ = std::string(text.substr(from, blank - from));
        const auto rest = text.find_first_not_of(blanks, blank);
        text =
            rest == std::string_view::npos ? "" : text.substr(rest, text.find_last_not_of(blanks) + 1 - rest);
    }
    constexpr std::string_view every = "@every ";
    if (text.starts_with(every)) {
        const auto seconds = read_cron_duration(text.substr(every.size()));
        if (!seconds) return seconds.error();
        schedule.every_ = std::max<std::int64_t>(*seconds, 1);
        return schedule;
    }
    for (const auto& [word, meaning] : words)
        if (text == word) text = meaning;
    const auto fields = split_blanks(text);
    if (fields.size() != 5)
        return failure("cron: expected five fields or one of @hourly, @daily, @every 1h …");
    const std::pair<Values*, const CronField*> rows[] = {{&schedule.minutes_, &cron_minutes},
                                                         {&schedule.hours_, &cron_hours},
                                                         {&schedule.days_, &cron_days},
                                                         {&schedule.months_, &cron_months},
                                                         {&schedule.weekdays_, &cron_weekdays}};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto values = read_cron_field(fields[i], *rows[i].second, schedule.idle_step_);
        if (!values) return values.error();
        *rows[i].first = *values;
    }
    return schedule;
}

}  // namespace pifleet::k8s
