// Letters beyond ASCII, as Unicode has them. They need the C library's C.UTF-8 locale, which every Debian
// has; where it is missing only ASCII letters are known.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

bool letter_or_digit(std::uint32_t point);

/// Character by character; what is no UTF-8 stays as it is.
std::string lowercase(std::string_view text);
std::string uppercase(std::string_view text);

}  // namespace pifleet::forwarder
