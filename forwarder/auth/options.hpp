// The HTTP client options that Prometheus documents, alike for scraping, discovery and sending. Plain values;
// config/http_options.cpp reads them.
#pragma once

#include "common/config/values.hpp"
#include "common/http/client.hpp"
#include "common/http/proxy.hpp"
#include "common/http/url.hpp"
#include "forwarder/auth/authorization.hpp"
#include "forwarder/auth/sigv4.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

/// A token from an OAuth 2.0 server, by the grant "client credentials".
struct OAuth2 {
    std::string client_id;
    config::Secret client_secret;
    std::vector<std::string> scopes;
    http::Url token_url;
    std::vector<std::pair<std::string, std::string>> endpoint_params;
    config::Secret service_account;  // Google's: a signed statement in place of id and secret
    http::TlsOptions tls;            // the token server's, as is the proxy
    http::ProxyOptions proxy;
    friend bool operator==(const OAuth2&, const OAuth2&) = default;
};

/// A header of http_headers: a line for each value.
struct CustomHeader {
    std::string name;
    std::vector<std::string> values;
    std::vector<config::Secret> secrets;  // given in the configuration
    std::vector<config::Secret> files;
    friend bool operator==(const CustomHeader&, const CustomHeader&) = default;
};

struct HttpOptions {
    Authorization authorization;  // none where there is oauth2
    std::optional<OAuth2> oauth2;
    std::optional<SigV4> sigv4;
    http::TlsOptions tls;
    http::ProxyOptions proxy;
    bool follow_redirects = true;
    std::vector<CustomHeader> headers;
    friend bool operator==(const HttpOptions&, const HttpOptions&) = default;
};

}  // namespace pifleet::forwarder
