// Lists of targets as file_sd files and http_sd answers have them, and as label sets.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/config/config.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

enum class ListFormat { json, yaml };

/// Far above any house; a larger list is an error, never cut.
inline constexpr std::size_t most_list_bytes = 4 * 1024 * 1024;

/// Reads a list of {targets, labels} of any bytes; an unknown key is an error, as in Prometheus. The error is
/// one line that names `file` and, where it is known, the place.
Result<std::vector<TargetGroup>> read_target_list(std::string_view text,
                                                  ListFormat format,
                                                  const std::string& file);

/// A label set for each target: the group's labels, `extra`, and __address__, each replacing those before it.
/// An error when they would take more than 32 MiB: a short list with long labels for many targets can ask for
/// any amount.
Result<std::vector<Pairs>> label_sets(const std::vector<TargetGroup>& groups, const Pairs& extra);

}  // namespace pifleet::forwarder
