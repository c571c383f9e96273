// Base64 (RFC 4648, with padding). Ours, so that a program that serves plain HTTP needs no OpenSSL for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pifleet {

std::string base64_encode(std::string_view bytes);

/// Nothing: a character that is not of the alphabet, a wrong length or wrong padding.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace pifleet
