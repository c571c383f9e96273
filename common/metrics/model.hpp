// The words of the trade: a family has a name, a type and a help text; a series is a family's name with
// labels; a sample is a series' value at a time. Facts from the Prometheus data model and OpenMetrics 1.0.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::metrics {

enum class Type : std::uint8_t {
    unknown,
    counter,
    gauge,
    histogram,
    gauge_histogram,
    summary,
    info,
    state_set
};

struct Label {
    std::string_view name;
    std::string_view value;  // as it is, not escaped
    friend bool operator==(const Label&, const Label&) = default;
};
using Labels = std::span<const Label>;

/// A row of a metric table. Views: the texts must outlive the row (tables are constexpr).
struct Family {
    std::string_view name;  // as it stands in front of the labels: a counter's with its _total
    Type type;
    std::string_view help;
};

/// The value that says "this series has ended" (remote_write 1.0, "stale marker"): a NaN of exactly these
/// bits. Values travel as bits wherever it may pass, because a copy through a double register can quiet it.
inline constexpr std::uint64_t stale_marker_bits = 0x7ff0000000000002;

/// "counter", "gauge", …: as a TYPE line spells it. Text 0.0.4 says "untyped" for unknown; see page.cpp.
std::string_view type_name(Type type);

}  // namespace pifleet::metrics
