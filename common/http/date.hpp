// The date of an HTTP header (RFC 9110, 5.6.7, the form that is in use): "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pifleet::http {

std::optional<std::chrono::system_clock::time_point> parse_date(std::string_view text);

}  // namespace pifleet::http
