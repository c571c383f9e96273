// What waits for the clock, kept over a stop and a start of the program. Its times are marks on the monotonic
// clock, which mean nothing once the machine itself has started anew: those of another boot are dropped.
#pragma once

#include "forwarder/guard/held_records.hpp"
#include "forwarder/sample_log/folder.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// This boot of the machine, by /proc/sys/kernel/random/boot_id; empty when the kernel does not say.
std::string boot_id();

/// Writes the records' readings to a file of this boot. Samples with times of their own are not its business.
Result<void> save_held(Folder& folder,
                       SeriesTable& series,
                       std::string_view boot,
                       std::span<const Record> records);

struct KeptRecords {
    std::vector<Record> records;
    std::vector<SeriesId> uses;     // of the table's series, one for each reading, to be released
    std::uint64_t other_boots = 0;  // samples of other boots, dropped
};

/// Reads what was saved and removes it.
KeptRecords take_held(Folder& folder, SeriesTable& series, std::string_view boot);

}  // namespace pifleet::forwarder
