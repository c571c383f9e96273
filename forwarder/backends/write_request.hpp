// The body of remote_write 1.0: the bytes of a prometheus.WriteRequest, written directly. Field numbers from
// the published remote write 1.0 specification (remote_write.proto beside this file, which the tests hold
// against it):
//   WriteRequest { 1 repeated TimeSeries }   TimeSeries { 1 repeated Label, 2 repeated Sample }
//   Label { 1 string name, 2 string value }  Sample { 1 double value, 2 int64 timestamp }
#pragma once

#include "common/metrics/model.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

using OwnedLabels = std::vector<std::pair<std::string, std::string>>;

/// Appends the request to `out`: a TimeSeries per series, by series number; the samples
/// of a series keep their order. `external` labels (sorted by name) are added to every series that lacks
/// them.
void append_write_request(std::span<const Sample> samples,
                          const SeriesTable& series,
                          const OwnedLabels& external,
                          std::string& out);

}  // namespace pifleet::forwarder
