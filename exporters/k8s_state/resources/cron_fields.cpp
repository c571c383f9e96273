#include "exporters/k8s_state/resources/cron_fields.hpp"

#include "common/base/text.hpp"

#include <array>
#include <string>
#include <utility>

namespace pifleet::k8s {

namespace {

constexpr std::string_view month_words[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_words[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

Error wrong(const CronField& field, std::string_view text, std::string_view why) {
    return failure("cron: '" + std::string(text) + "' for " + std::string(field.name) + ": " +
                   std::string(why));
}

Result<std::int64_t> read_value(std::string_view text, const CronField& field) {
    const auto word = lower(text);
    for (std::size_t i = 0; i < field.words.size(); ++i)
        if (field.words[i] == word) return field.least + static_cast<std::int64_t>(i);
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto value = to_int(text);
    if (!value || *value < 0) return wrong(field, text, "not a number");
    return *value;
}

struct Range {
    std::int64_t first, last, step;
    bool any;
};

// `low` is no star.
Result<Range> read_bounds(std::string_view text,
                          std::span<const std::string_view> parts,
                          const CronField& field) {
    if (parts.size() > 2) return wrong(field, text, "more than one '-'");
    const auto first = read_value(parts.front(), field), last = read_value(parts.back(), field);
    if (!first) return first.error();
    if (!last) return last.error();
    return Range{*first, *last, 1, false};
}

Result<Range> read_range(std::string_view text, const CronField& field) {
    const auto pieces = split(text, '/');
    if (pieces.size() > 2) return wrong(field, text, "more than one '/'");
    const auto parts = split(pieces[0], '-');
    const bool star = parts[0] == "*" || parts[0] == "?";
    auto range =
        star ? Result<Range>(Range{field.least, field.most, 1, true}) : read_bounds(text, parts, field);
    if (!range || pieces.size() == 1) return range;
    const auto step = read_value(pieces[1], {field.name, 0, 0, {}});
    if (!step) return step.error();
    range->step = *step;
    range->any = range->any && *step <= 1;
    if (parts.size() == 1) range->last = field.most;  // 5/15 is 5-59/15
    return range;
}

struct Unit {
    std::string_view name;
    double seconds;
};
constexpr std::array<Unit, 8> units{
    {{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"μs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};

// A number with its unit at the text's beginning, which is taken off it.
std::optional<double> take_span(std::string_view& text) {
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text.substr(0, digits);
    text.remove_prefix(digits);
    const auto letters = std::min(text.find_first_of("0123456789."), text.size());
    const auto unit = text.substr(0, letters);
    text.remove_prefix(letters);
    const auto value = to_double(number.starts_with('.') ? "0" + std::string(number) : std::string(number));
    if (!value) return std::nullopt;
    for (const auto& [name, seconds] : units)
        if (name == unit) return *value * seconds;
    return std::nullopt;
}

}  // namespace

const CronField cron_minutes{"the minute", 0, 59, {}};
const CronField cron_hours{"the hour", 0, 23, {}};
const CronField cron_days{"the day of the month", 1, 31, {}};
const CronField cron_months{"the month", 1, 12, month_words};
const CronField cron_weekdays{"the day of the week", 0, 6, weekday_words};

Result<Schedule::Values> read_cron_field(std::string_view text, const CronField& field, bool& idle_step) {
    Schedule::Values values;
    for (const auto part : split(text, ',')) {
        if (part.empty()) continue;
        const auto range = read_range(part, field);
        if (!range) return range.error();
        if (range->first < field.least) return wrong(field, part, "below " + std::to_string(field.least));
        if (range->last > field.most) return wrong(field, part, "above " + std::to_string(field.most));
        if (range->first > range->last) return wrong(field, part, "it ends before it begins");
        if (range->step == 0) return wrong(field, part, "a step of 0");
        values.any = values.any || range->any;
        idle_step = idle_step || (range->step > 1 && range->step > range->last - range->first);
        for (auto value = range->first; value <= range->last;
             value += std::min<std::int64_t>(range->step, 64))
            values.bits |= std::uint64_t{1} << value;
    }
    return values;
}

Result<std::int64_t> read_cron_duration(std::string_view text) {
    constexpr double most = 9.2e9;  // seconds: what 64 bits of nanoseconds hold
    const auto wrong_duration = failure("cron: '" + std::string(text) + "' is no duration like 1h30m");
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return 0;
    if (text.empty()) return wrong_duration;
    double total = 0;
    while (!text.empty()) {
        const auto span = take_span(text);
        if (!span || (total += *span) > most) return wrong_duration;
    }
    // What a sum of binary fractions lacks for a whole second is no second less.
    const auto seconds = static_cast<std::int64_t>(total + 1e-7);
    return minus ? -seconds : seconds;
}

}  // namespace pifleet::k8s
