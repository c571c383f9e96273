// Which proxy a request goes through: proxy_url, no_proxy and proxy_from_environment as Prometheus (that is,
// Go's httpproxy) understands them.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "common/http/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::http {

struct ProxyOptions {
    std::optional<Url> url;  // http only; its user and password are for the proxy
    std::string no_proxy;  // a list with commas: hosts, .domains, addresses, networks, each with :port or not
    bool from_environment = false;        // HTTP_PROXY, HTTPS_PROXY, NO_PROXY (or in small letters) instead
    std::vector<Header> connect_headers;  // for the proxy that is asked for a tunnel
    friend bool operator==(const ProxyOptions&, const ProxyOptions&) = default;
};

/// The proxy for requests to this origin; nothing: directly. With no_proxy or the environment, this machine
/// itself (localhost, 127.0.0.0/8, ::1) is always asked directly, as by Go. An error when the environment
/// names what is no proxy; it shows no password.
Result<std::optional<Url>> proxy_for(const Url& origin, const ProxyOptions& options);

/// Whether the list names the host.
bool exempt(std::string_view no_proxy, const Url& origin);

/// "http://host:port" or "host:port"; the errors are those of a configuration's key.
Result<Url> parse_proxy(std::string_view text);

}  // namespace pifleet::http
