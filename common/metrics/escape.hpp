// How texts are written into a page: label values escape backslash, quote and line end; help texts backslash
// and line end (OpenMetrics: quotes too).
#pragma once

#include <string>
#include <string_view>

namespace pifleet::metrics {

/// Appends the text with its special characters escaped, quotes too if asked for.
void append_escaped(std::string& out, std::string_view text, bool quotes);

}  // namespace pifleet::metrics
