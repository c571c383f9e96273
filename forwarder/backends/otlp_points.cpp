#include "forwarder/backends/otlp_points.hpp"

#include "forwarder/backends/wire.hpp"
#include "forwarder/sample_log/bytes.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pifleet::forwarder::otlp {

namespace {

constexpr unsigned no_recorded_value = 1;

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

std::uint64_t nanoseconds(std::int64_t ms) {
    return static_cast<std::uint64_t>(ms) * 1'000'000;
}

void append_times(std::string& out, When when) {
    if (when.start_ms) append_fixed64(out, 2, nanoseconds(*when.start_ms));
    append_fixed64(out, 3, nanoseconds(when.time_ms));
}

void append_packed(std::string& out, unsigned field, std::span<const std::uint64_t> values) {
    out += wire::length_key(field);
    put_varint(out, 8 * values.size());
    for (const auto value : values) put_fixed(out, value);
}

// Neither is a NaN: who reads labels sees to that.
bool by_first(const std::pair<double, double>& a, const std::pair<double, double>& b) {
    return a.first < b.first;
}

// A count that a double can be: whole, not negative, exact.
std::optional<std::uint64_t> whole(double value) {
    constexpr double most = 9007199254740992;  // 2^53
    if (!(value >= 0 && value <= most) || value != std::floor(value)) return {};
    return static_cast<std::uint64_t>(value);
}

// What each bucket has for itself; nothing when they do not add up.
std::optional<std::vector<std::uint64_t>> own_counts(const HistogramPoint& point) {
    std::vector<std::uint64_t> counts;
    std::uint64_t before = 0;
    double last_bound = -INFINITY;
    for (const auto& [bound, upto] : point.buckets) {
        const auto all = whole(upto);
        if (!all || *all < before || std::isnan(bound) || (!counts.empty() && bound <= last_bound)) return {};
        counts.push_back(*all - before);
        before = *all;
        last_bound = bound;
    }
    const bool to_the_end = !counts.empty() && std::isinf(last_bound) && last_bound > 0;
    if (!to_the_end || (point.count && *point.count != static_cast<double>(before))) return {};
    return counts;
}

}  // namespace

void append_varint(std::string& out, unsigned field, std::uint64_t value) {
    out += wire::varint_key(field);
    put_varint(out, value);
}

void append_fixed64(std::string& out, unsigned field, std::uint64_t value) {
    out += wire::eight_bytes_key(field);
    put_fixed(out, value);
}

void append_text(std::string& out, unsigned field, std::string_view text) {
    out += wire::length_key(field);
    put_varint(out, text.size());
    out += text;
}

void append_attribute(std::string& out, unsigned field, std::string_view key, std::string_view value) {
    const auto value_size = wire::text_size(value);
    out += wire::length_key(field);
    put_varint(out, wire::text_size(key) + 1 + wire::varint_size(value_size) + value_size);
    append_text(out, 1, key);
    out += wire::length_key(2);
    put_varint(out, value_size);
    append_text(out, 1, value);
}

void append_number_point(std::string& out,
                         std::string_view attributes,
                         When when,
                         std::optional<std::uint64_t> value_bits) {
    const auto size = attributes.size() + 9 + (when.start_ms ? 9 : 0) + (value_bits ? 9 : 2);
    out += wire::length_key(1);
    put_varint(out, size);
    append_times(out, when);
    if (value_bits) append_fixed64(out, 4, *value_bits);
    out += attributes;
    if (!value_bits) append_varint(out, 8, no_recorded_value);
}

bool append_histogram_point(std::string& out, std::string_view attributes, When when, HistogramPoint point) {
    std::string message;
    append_times(message, when);
    if (!point.stale) {
        std::stable_sort(point.buckets.begin(), point.buckets.end(), by_first);
        const auto counts = own_counts(point);
        if (!counts || (point.sum && !std::isfinite(*point.sum))) return false;
        append_fixed64(message, 4, *whole(point.buckets.back().second));
        if (point.sum) append_fixed64(message, 5, bits(*point.sum));
        append_packed(message, 6, *counts);
        std::vector<std::uint64_t> bounds;
        for (const auto& [bound, count] : point.buckets)
            if (std::isfinite(bound)) bounds.push_back(bits(bound));
        if (bounds.size() + 1 != counts->size()) return false;  // le="-Inf"
        if (!bounds.empty()) append_packed(message, 7, bounds);
    }
    message += attributes;
    if (point.stale) append_varint(message, 10, no_recorded_value);
    append_text(out, 1, message);
    return true;
}

bool append_summary_point(std::string& out, std::string_view attributes, When when, SummaryPoint point) {
    std::string message;
    append_times(message, when);
    if (!point.stale) {
        const auto count = point.count ? whole(*point.count) : std::nullopt;
        if (!count || (point.sum && !std::isfinite(*point.sum))) return false;
        append_fixed64(message, 4, *count);
        append_fixed64(message, 5, bits(point.sum.value_or(0)));
        std::stable_sort(point.quantiles.begin(), point.quantiles.end(), by_first);
        for (const auto& [quantile, value] : point.quantiles) {
            if (std::isnan(value)) continue;  // nothing was seen lately
            if (!(quantile >= 0 && quantile <= 1)) return false;
            std::string one;
            append_fixed64(one, 1, bits(quantile));
            append_fixed64(one, 2, bits(value));
            append_text(message, 6, one);
        }
    }
    message += attributes;
    if (point.stale) append_varint(message, 8, no_recorded_value);
    append_text(out, 1, message);
    return true;
}

}  // namespace pifleet::forwarder::otlp
