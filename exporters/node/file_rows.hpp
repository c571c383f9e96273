// Tables of files of /sys that hold one number each: what most drivers' folders are.
#pragma once

#include "exporters/node/collector.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::node {

struct FileRow {
    std::string_view file;  // within the folder
    metrics::Family family;
    double scale = 1;    // times this…
    double divisor = 1;  // …or divided by that: what leads to the same last digit as node_exporter
};

/// Adds the rows whose files can be read; a driver has some and lacks others. A file that holds no number
/// (decimal, or hexadecimal after 0x) is a failure that names it, and costs no other row.
Result<void> add_file_rows(const Host& host,
                           const std::string& folder,
                           std::span<const FileRow> rows,
                           metrics::Labels labels,
                           metrics::Page& page);

/// The number in a text of such a file. Nothing when it is none.
std::optional<double> parse_file_number(std::string_view text);

}  // namespace pifleet::node
