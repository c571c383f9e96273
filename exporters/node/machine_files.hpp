// How collectors read the machine's files: a file that every Linux has must be there and be whole, and a
// number must be nothing but a number. A file that was cut short is an error, never a smaller number.
#pragma once

#include "common/base/result.hpp"
#include "exporters/node/collector.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

/// A file of /proc with lines. Missing, empty or without the last line's end: a failure that says so.
Result<std::string> read_lines(const std::string& path);

/// The same for a file that not every kernel or machine has: missing is Error::Kind::absent.
Result<std::string> read_lines_if_any(const std::string& path);

/// Whether this is the running kernel's own /proc, so that what the kernel is asked in other ways is about
/// the same machine.
bool is_kernel_proc(const std::string& path);

/// A file of /sys without blanks and line ends around it, read through the host's kept descriptors: for what
/// each scrape reads, but not for network devices (see kept_files.hpp).
Result<std::string> read_kept_line(const Host& host, const std::string& path);

/// A file of /sys that holds one number. Missing is Error::Kind::absent, anything else but a number a
/// failure. With a host: through its kept descriptors.
Result<std::int64_t> read_int(const std::string& path);
Result<std::uint64_t> read_unsigned(const std::string& path);
Result<std::int64_t> read_int(const Host& host, const std::string& path);
Result<std::uint64_t> read_unsigned(const Host& host, const std::string& path);

/// A file that may or may not be there or be readable: its text without blanks around it, or nothing.
std::string line_if_any(const std::string& path);
std::string line_if_any(const Host& host, const std::string& path);

/// A number of a file that may be missing or unreadable (a device that sleeps): Error::Kind::absent then.
/// What is no number is a failure that names the file.
Result<std::int64_t> int_if_readable(const Host& host, const std::string& path);

/// The entries of a folder that are `prefix` followed by digits only, sorted by name. No folder: none.
std::vector<std::string> numbered_entries(const std::string& folder, std::string_view prefix);

/// "/proc/stat: 'abc' is not a number": for a word of a file that should have been one.
Error not_a_number(std::string_view file, std::string_view word);

/// Keeps the first failure while the rest of a collector's work goes on.
inline void note(Result<void>& first, const Result<void>& next) {
    if (first && !next) first = next.error();
}

/// The text with every run of bytes that is not UTF-8 replaced by U+FFFD. For all that devices, mounts and
/// drivers name themselves: one stray byte would make the whole page unreadable.
std::string valid_utf8(std::string_view text);

}  // namespace pifleet::node
