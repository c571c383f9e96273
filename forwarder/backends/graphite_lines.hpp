// Graphite's plain text: a line a sample, "path;tag=value;tag=value number seconds". Facts from Graphite's
// "Feeding in your data" and "Tags". Pure.
#pragma once

#include "common/metrics/model.hpp"
#include "forwarder/backends/left_out.hpp"
#include "forwarder/backends/sent_series.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// Appends the path and tags of a series (labels sorted by name, __name__ among them), made legal: what would
/// end or split the line or the path becomes _, and the label `name`, which to Graphite is the path itself,
/// label_name. Gives whether anything had to be changed.
bool append_graphite_path(metrics::Labels labels, std::string_view prefix, std::string& out);

/// Whether a text may stand before every path.
bool legal_graphite_prefix(std::string_view text);

/// Appends a line for each sample, whose values are finite.
void append_graphite_lines(std::span<const Sample> samples,
                           const SentSeries& series,
                           std::string_view prefix,
                           std::string& out);

/// Takes out samples of the first second of 1970 and before it, which receivers take for "now", and those of
/// series whose line would be too long. Of series that are one once they are legal one is sent: that which
/// needs no change, else the first.
LeftOutCounts leave_out_of_graphite(std::vector<Sample>& batch, const SentSeries& series);

}  // namespace pifleet::forwarder
