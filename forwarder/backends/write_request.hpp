// The body of remote_write 1.0: the bytes of a prometheus.WriteRequest, written directly. Field numbers from
// the published remote write 1.0 specification (remote_write.proto beside this file, which the tests hold
// against it):
//   WriteRequest { 1 repeated TimeSeries, 3 repeated MetricMetadata }
//   TimeSeries { 1 repeated Label, 2 repeated Sample }   Label { 1 string name, 2 string value }
//   MetricMetadata { 1 enum type, 2 string metric_family_name, 4 string help, 5 string unit }
#pragma once

#include "forwarder/backends/legacy_names.hpp"
#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/backends/write_request_parts.hpp"
#include "forwarder/series/metadata.hpp"

#include <span>
#include <string>

namespace pifleet::forwarder {

/// Appends the request to `out`: a TimeSeries per series, by series number; the samples
/// of a series keep their order. `external` labels (sorted by name) are added to every series that lacks
/// them. `relabeling` has the labels of series that a backend's own rules have changed, `names` those
/// of series with names that had to be escaped.
void append_write_request(std::span<const Sample> samples,
                          const SeriesTable& series,
                          const OwnedLabels& external,
                          std::string& out,
                          const WriteRelabeling* relabeling = nullptr,
                          const LegacyNames* names = nullptr);

/// Appends a family's metadata, its name escaped like those of its series: a request may have them beside
/// series or alone.
void append_metadata(const FamilyMetadata& family, std::string& out);

}  // namespace pifleet::forwarder
