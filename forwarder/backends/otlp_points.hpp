// The data points of OTLP, as bytes: opentelemetry.proto.metrics.v1 (otlp.proto beside this file, which the
// tests hold against it).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder::otlp {

/// Protobuf's parts, appended to a text.
void append_varint(std::string& out, unsigned field, std::uint64_t value);
void append_fixed64(std::string& out, unsigned field, std::uint64_t value);
void append_text(std::string& out, unsigned field, std::string_view text);
/// KeyValue { 1 key, 2 AnyValue { 1 string_value } } in this field.
void append_attribute(std::string& out, unsigned field, std::string_view key, std::string_view value);

struct When {
    std::int64_t time_ms = 0;
    std::optional<std::int64_t> start_ms = {};  // of what counts
};

/// Gauge and sum: field 1 of either. `attributes` are KeyValues in field 7. No value: the series has ended.
void append_number_point(std::string& out,
                         std::string_view attributes,
                         When when,
                         std::optional<std::uint64_t> value_bits);

/// A histogram's series of one label set and time, as the page had them.
struct HistogramPoint {
    std::vector<std::pair<double, double>> buckets;  // le, how many are at most that much
    std::optional<double> sum, count;
    bool stale = false;
};
/// `attributes` are KeyValues in field 9. False, and nothing is written: the buckets do not add up to a
/// histogram (none for +Inf, counts that go down, no whole numbers …).
bool append_histogram_point(std::string& out, std::string_view attributes, When when, HistogramPoint point);

struct SummaryPoint {
    std::vector<std::pair<double, double>> quantiles;
    std::optional<double> sum, count;
    bool stale = false;
};
/// `attributes` are KeyValues in field 7. False: there is no count, or no whole one.
bool append_summary_point(std::string& out, std::string_view attributes, When when, SummaryPoint point);

}  // namespace pifleet::forwarder::otlp
