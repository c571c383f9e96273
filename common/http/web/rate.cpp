// rate_limit, with Go's durations ("1.5s", "1h30m", a plain number is nanoseconds), as the toolkit reads it.
#include "common/base/text.hpp"
#include "common/config/fields.hpp"
#include "common/http/web/rows.hpp"

#include <cmath>
#include <optional>
#include <string_view>

namespace pifleet::http::web {

namespace {

using config::Faults;
using config::Node;

constexpr double most = 9.2e18;  // nanoseconds: 292 years, where 64 bits end

struct Unit {
    std::string_view name;
    double nanoseconds;
};
constexpr Unit units[] = {
    {"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};

std::optional<double> unit_of(std::string_view name) {
    for (const auto& unit : units)
        if (unit.name == name) return unit.nanoseconds;
    return std::nullopt;
}

std::optional<double> nanoseconds(std::string_view text) {
    if (const auto plain = to_int(text)) return static_cast<double>(*plain);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    double sum = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const auto number = text.substr(0, text.find_first_not_of("0123456789."));
        const auto rest = text.substr(number.size());
        const auto name = rest.substr(0, rest.find_first_of("0123456789."));
        const auto count = to_double(number);
        const auto unit = unit_of(name);
        if (!count || !unit) return std::nullopt;
        sum += *count * *unit;
        text = rest.substr(name.size());
    }
    return negative ? -sum : sum;
}

void read_interval(const Node& node, RateLimit& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return;
    const auto found = nanoseconds(text);
    if (!found || std::abs(*found) > most)
        faults.add(node.place, "expected a duration such as 1s or 500ms, not '" + text + "'");
    else
        into.interval = std::chrono::nanoseconds(static_cast<std::int64_t>(*found));
}

void read_burst(const Node& node, RateLimit& into, Faults& faults) {
    std::int64_t burst = 0;
    decode(node, burst, faults);
    into.burst = static_cast<double>(burst);
}

constexpr config::Field<RateLimit> rows[] = {
    {"interval", "0", "Time between two requests; 0: no limit.", read_interval},
    {"burst", "0", "How many may come at once.", read_burst},
};

}  // namespace

void read_rate(const Node& node, RateLimit& into, Faults& faults) {
    config::read_mapping<RateLimit>(node, rows, into, faults);
}

}  // namespace pifleet::http::web
