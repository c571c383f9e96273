// http:// and https:// addresses taken apart.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet::http {

struct Url {
    bool tls = false;
    std::string host;  // without brackets
    std::uint16_t port = 80;
    std::string target = "/";  // path and query
    std::string user;          // decoded userinfo, empty when the URL has none
    std::string password;

    /// host:port as the Host header wants it: brackets around IPv6, the scheme's own port left out.
    std::string authority() const;
    /// For logs and pages: no userinfo, query values replaced by "***" (licence keys travel there).
    std::string shown() const;
    friend bool operator==(const Url&, const Url&) = default;
};

Result<Url> parse_url(std::string_view text);

struct HostPort {
    std::string host;  // empty: all addresses
    std::uint16_t port = 0;
};
/// "host:port", ":port", "[::1]:port". A missing port is an error.
Result<HostPort> parse_host_port(std::string_view text);

}  // namespace pifleet::http
