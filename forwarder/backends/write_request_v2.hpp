// The body of remote_write 2.0: the bytes of an io.prometheus.write.v2.Request, written directly. Every text
// stands once in a table of symbols; series name theirs by number. Field numbers from the published
// specification (remote_write_v2.proto beside this file, which the tests hold against it):
//   Request { 4 repeated string symbols, 5 repeated TimeSeries }
//   TimeSeries { 1 repeated uint32 labels_refs, 2 repeated Sample, 5 Metadata { 1 type, 3 help_ref, 4
//   unit_ref } }
#pragma once

#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/backends/write_request_parts.hpp"
#include "forwarder/series/metadata.hpp"

#include <span>
#include <string>

namespace pifleet::forwarder {

/// Appends the request to `out`, as append_write_request() does for 1.0; each series has what is known of its
/// family.
void append_write_request_v2(std::span<const Sample> samples,
                             const SeriesTable& series,
                             const MetadataTable& metadata,
                             const OwnedLabels& external,
                             std::string& out,
                             const WriteRelabeling* relabeling = nullptr);

}  // namespace pifleet::forwarder
