// Reading small files whole: /proc, /sys, configurations, secrets.
#pragma once

#include "common/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet {

/// The file's content. Files of /proc and /sys say a size of 0 or 4096, so it reads until the end.
/// A missing file, or one that this kernel only has by name, is Error::Kind::absent; a file over `limit`
/// bytes is a failure, never cut silently.
Result<std::string> read_file(const std::string& path, std::size_t limit = 16 * 1024 * 1024);

/// The file's content without blanks and line ends around it; what most files of /sys hold.
Result<std::string> read_line(const std::string& path);

/// Names in a folder, sorted, without "." and "..". A missing folder is Error::Kind::absent.
Result<std::vector<std::string>> list_folder(const std::string& path);

/// The last part of what a symbolic link points to, or of the path when it is no link.
std::string base_name(std::string_view path);

}  // namespace pifleet
