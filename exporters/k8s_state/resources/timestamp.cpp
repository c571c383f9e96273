// Timestamps as the API writes them.
#include "exporters/k8s_state/resources/common.hpp"

#include <chrono>

namespace pifleet::k8s {

namespace {

// `count` digits at the text's beginning, which are taken off it.
std::optional<int> digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// A number of `count` digits within its bounds, then this character; '\0': whatever follows.
std::optional<int> part(std::string_view& text, std::size_t count, int least, int most, char behind) {
    const auto value = digits(text, count);
    if (!value || *value < least || *value > most) return std::nullopt;
    if (behind != '\0' && !take(text, behind)) return std::nullopt;
    return value;
}

// "Z", "+01:00", and nothing behind it; seconds east of Greenwich.
std::optional<int> zone(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, west ? '-' : '+')) return std::nullopt;
    const auto hours = part(text, 2, 0, 23, ':'), minutes = part(text, 2, 0, 59, '\0');
    if (!hours || !minutes || !text.empty()) return std::nullopt;
    const int seconds = *hours * 3600 + *minutes * 60;
    return west ? -seconds : seconds;
}

// Fractions of a second are left out, as everywhere in this family of metrics.
void skip_fraction(std::string_view& text) {
    if (!take(text, '.')) return;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
}

}  // namespace

std::optional<double> unix_seconds(std::string_view text) {
    using namespace std::chrono;
    const auto y = part(text, 4, 0, 9999, '-'), m = part(text, 2, 1, 12, '-'), d = part(text, 2, 1, 31, '\0');
    if (!y || !m || !d || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
    const auto hour = part(text, 2, 0, 23, ':'), minute = part(text, 2, 0, 59, ':'),
               second = part(text, 2, 0, 60, '\0');
    if (!hour || !minute || !second) return std::nullopt;
    skip_fraction(text);
    const auto east = zone(text);
    const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
    if (!east || !date.ok()) return std::nullopt;
    const auto days = sys_days(date).time_since_epoch().count();
    return static_cast<double>(days) * 86400.0 + *hour * 3600 + *minute * 60 + *second - *east;
}

}  // namespace pifleet::k8s
