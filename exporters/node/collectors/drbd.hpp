// What /proc/drbd says, apart from reading it: for the tests.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"

#include <string>
#include <string_view>

namespace pifleet::node {

/// Adds the devices of a text in the form of /proc/drbd; `path` is for the errors. After a line that cannot
/// be right nothing more is taken.
Result<void> add_drbd(const std::string& path, std::string_view text, metrics::Page& page);

}  // namespace pifleet::node
