// A series in words, for logs and the page.
#pragma once

#include "forwarder/series/series_table.hpp"

#include <string>

namespace pifleet::forwarder {

/// name{label="value",…} with escapes as in the text format; cut after about a thousand bytes, because labels
/// come from targets.
std::string series_text(LabelReader labels);

}  // namespace pifleet::forwarder
