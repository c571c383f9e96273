// Patterns of file names as Prometheus's configuration has them.
#pragma once

#include <string>
#include <vector>

namespace pifleet {

/// The files that a pattern names, sorted: *, ? and [...] count in its last segment only, and match a leading
/// dot too. Without any of them it is the path itself, if there is such a file.
std::vector<std::string> matching_files(const std::string& pattern);

/// Everything before the last '/', "/" for a file of the root, "." where there is no '/'.
std::string folder_of(const std::string& path);

/// `path` as it is when it is absolute, else below `folder`; without "./" and doubled '/'.
std::string path_below(const std::string& folder, const std::string& path);

}  // namespace pifleet
