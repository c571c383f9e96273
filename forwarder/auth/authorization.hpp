// The Authorization header of a request, for scraping and for sending alike. Secrets are revealed at each
// request, so a key file that was replaced is used at once.
#pragma once

#include "common/base/result.hpp"
#include "common/config/values.hpp"
#include "common/http/message.hpp"

#include <optional>
#include <string>

namespace pifleet::forwarder {

struct Authorization {
    enum class Kind { none, basic, scheme };
    Kind kind = Kind::none;
    std::string username;           // basic
    std::string scheme = "Bearer";  // scheme: what stands before the credentials
    config::Secret secret;          // the password or the credentials
    std::string username_file;      // basic: holds the user name
    friend bool operator==(const Authorization&, const Authorization&) = default;
};

/// The header, or nothing for Kind::none. The error names the file that could not be read.
Result<std::optional<http::Header>> authorization_header(const Authorization& authorization);

}  // namespace pifleet::forwarder
