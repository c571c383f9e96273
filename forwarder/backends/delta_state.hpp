// What counters stood at, on disk between a clean stop and the next start:
//   "PFDELTA1", place in the log, number of entries, entries (four words of eight bytes), CRC-32C; numbers in
//   little-endian order.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

struct DeltaEntry {
    std::uint64_t labels_hash = 0;
    double value = 0;
    std::int64_t time_ms = 0, start_ms = 0;
    friend bool operator==(const DeltaEntry&, const DeltaEntry&) = default;
};

/// The same in every process and version (FNV-1a of the stored form).
std::uint64_t labels_hash(const SeriesTable& series, SeriesId id);
std::uint64_t stable_hash(std::string_view bytes);

std::string delta_state_bytes(Cursor place, std::span<const DeltaEntry> entries);
/// Nothing when these bytes are no such state, or of another place.
std::vector<DeltaEntry> read_delta_state(std::string_view bytes, Cursor place);

/// The file as a whole or not at all; reading takes it away, so that it is never believed twice.
Result<void> save_delta_state(const std::string& file, Cursor place, std::span<const DeltaEntry> entries);
std::vector<DeltaEntry> take_delta_state(const std::string& file, Cursor place);

}  // namespace pifleet::forwarder
