// The Retry-After header, which any HTTP receiver may send.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pifleet::forwarder {

/// Its value: seconds, or an HTTP date (RFC 9110, 10.2.3) reckoned from `now`; never negative. Nothing when
/// it is neither.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::chrono::system_clock::time_point now);

}  // namespace pifleet::forwarder
