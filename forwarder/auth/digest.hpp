// What signatures are made of, by OpenSSL.
#pragma once

#include "common/base/result.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

std::string sha256(std::string_view text);
std::string hmac_sha256(std::string_view key, std::string_view text);
/// RSASSA-PKCS1-v1_5 with SHA-256 (RS256) by a private key in PEM. The error: "private key is no key in PEM".
Result<std::string> rs256(std::string_view pem, std::string_view text);

/// Lower case.
std::string hex(std::string_view bytes);

}  // namespace pifleet::forwarder
