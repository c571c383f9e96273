// What "Basic" authentication says, to servers and to proxies, and how a server reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pifleet::http {

/// The value of an Authorization or Proxy-Authorization header: "Basic " and both in base64.
std::string basic_credentials(const std::string& user, const std::string& password);

struct Credentials {
    std::string user;
    std::string password;
};

/// Reads such a value. Nothing: it is of another kind or broken.
std::optional<Credentials> parse_basic_credentials(std::string_view header);

}  // namespace pifleet::http
