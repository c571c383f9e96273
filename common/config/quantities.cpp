// Durations and sizes as Prometheus spells them.
#include "common/base/text.hpp"
#include "common/config/values.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace pifleet::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
    bool exact;  // written by duration_text only when nothing smaller is left, as Prometheus does
};
constexpr std::int64_t day = 24 * 3600 * 1000LL;
constexpr Unit units[] = {
    {"y", 365 * day, true},
    {"w", 7 * day, true},
    {"d", day, true},
    {"h", 3600 * 1000, false},
    {"m", 60 * 1000, false},
    {"s", 1000, false},
    {"ms", 1, false},
};
// Prometheus counts nanoseconds in 64 bits.
constexpr std::int64_t longest_duration = std::numeric_limits<std::int64_t>::max() / 1'000'000;

constexpr std::string_view size_prefixes = "KMGTPE";

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

// Cuts the characters off the front of `text` for which `wanted` holds.
template <class Wanted>
std::string_view cut_while(std::string_view& text, Wanted wanted) {
    const auto end = std::find_if_not(text.begin(), text.end(), wanted);
    const auto front = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(front.size());
    return front;
}

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool digit_or_point(char c) {
    return digit(c) || c == '.';
}
bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The factor of a unit such as KB, KiB or B; powers of 1024 either way.
std::optional<std::uint64_t> size_factor(std::string_view unit) {
    if (unit == "B") return 1;
    const auto power = unit.empty() ? unit.npos : size_prefixes.find(unit.front());
    if (power == size_prefixes.npos) return std::nullopt;
    if (unit.substr(1) != "B" && unit.substr(1) != "iB") return std::nullopt;
    return std::uint64_t{1} << (10 * (power + 1));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    const auto wrong = [&](std::string_view hint = {}) {
        return failure("expected a duration such as 15s or 1m30s, not " + in_quotes(text) +
                       std::string(hint));
    };
    if (text == "0") return Duration{0};
    if (text.empty()) return wrong();
    std::string_view rest = text;
    std::int64_t sum = 0;
    const Unit* next = std::begin(units);  // the largest unit that may still come
    while (!rest.empty()) {
        const auto digits = cut_while(rest, digit);
        const auto name = cut_while(rest, letter);
        if (!digits.empty() && name.empty() && rest.empty()) return wrong(": the unit is missing");
        const auto* unit = std::find_if(next, std::end(units), [&](const Unit& u) { return u.name == name; });
        if (digits.empty() || unit == std::end(units)) return wrong();
        const auto count = to_int(digits);
        if (!count || *count > (longest_duration - sum) / unit->milliseconds)
            return wrong(": it is too long");
        sum += *count * unit->milliseconds;
        next = unit + 1;
    }
    return Duration{sum};
}

std::string duration_text(Duration duration) {
    std::int64_t rest = duration.count();
    if (rest == 0) return "0s";
    if (rest < 0) return "-" + duration_text(-duration);
    std::string out;
    for (const Unit& unit : units) {
        if (unit.exact && rest % unit.milliseconds != 0) continue;
        if (const auto count = rest / unit.milliseconds; count > 0)
            out += std::to_string(count) + std::string(unit.name);
        rest %= unit.milliseconds;
    }
    return out;
}

Result<Bytes> parse_bytes(std::string_view text) {
    const auto wrong = [&](std::string_view hint = {}) {
        return failure("expected a size such as 512KB, 10MB or 1GiB, not " + in_quotes(text) +
                       std::string(hint));
    };
    constexpr double most = 9223372036854775808.0;  // 2^63: Prometheus counts in signed 64 bits
    if (const auto plain = to_unsigned(text); plain && static_cast<double>(*plain) < most)
        return Bytes{*plain};
    if (text.empty()) return wrong();
    double sum = 0;
    for (std::string_view rest = text; !rest.empty();) {  // "1GiB512MiB" is one, too
        const auto number = to_double(cut_while(rest, digit_or_point));
        const auto factor = size_factor(cut_while(rest, letter));
        if (!number || !factor) return wrong();
        sum += *number * static_cast<double>(*factor);
        if (sum >= most) return wrong(": it is too large");
    }
    return Bytes{static_cast<std::uint64_t>(sum)};
}

}  // namespace pifleet::config
