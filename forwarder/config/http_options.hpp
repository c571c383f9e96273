// The keys that scraping, discovery and sending share (basic_auth, tls_config, proxy_url, …), declared once:
// a table of its own has them by with_http_rows(), and a member `http`.
#pragma once

#include "common/config/fields.hpp"
#include "forwarder/auth/options.hpp"
#include "forwarder/config/rows.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

void read_basic_auth(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_authorization(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_bearer_token(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_bearer_token_file(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_oauth2(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_google_iam(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_sigv4(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_enable_http2(const config::Node& node, HttpOptions& into, config::Faults& faults);
void read_custom_headers(const config::Node& node, std::vector<CustomHeader>& into, config::Faults& faults);
void read_tls_config(const config::Node& node, http::TlsOptions& into, config::Faults& faults);
void read_proxy_url(const config::Node& node, http::ProxyOptions& into, config::Faults& faults);
void read_no_proxy(const config::Node& node, http::ProxyOptions& into, config::Faults& faults);
void read_proxy_from_environment(const config::Node& node, http::ProxyOptions& into, config::Faults& faults);
void read_proxy_connect_header(const config::Node& node, http::ProxyOptions& into, config::Faults& faults);

/// What a single key cannot know. `node` is the mapping that has the keys.
void check_http_options(const config::Node& node, const HttpOptions& options, config::Faults& faults);
void check_proxy(const config::Node& node, const http::ProxyOptions& options, config::Faults& faults);

/// http://user:password@host/ is basic auth, as with every HTTP client, unless the options say otherwise.
void take_user(const http::Url& url, HttpOptions& options);

/// A file that is needed at start must be readable; nothing for a null node.
void expect_readable(const config::Node* file, config::Faults& faults);

/// Faults where a mapping has both KEY and KEY_file.
void expect_one_of(const config::Node& node, const std::string& key, config::Faults& faults);

// No row without a reader: see read_http_row.
inline constexpr config::Field<HttpOptions> http_option_rows[] = {
    {"basic_auth", "", "User name and password.", read_basic_auth},
    {"authorization", "", "Authorization header of any scheme.", read_authorization},
    {"bearer_token", "", "The same as authorization with credentials.", read_bearer_token},
    {"bearer_token_file", "", "The same as authorization with credentials_file.", read_bearer_token_file},
    {"oauth2", "", "A token by OAuth 2.0 client credentials.", read_oauth2},
    {"google_iam", "", "A token for a Google service account: credentials_file.", read_google_iam},
    {"sigv4", "", "AWS Signature Version 4: region, service_name, access_key, secret_key_file.", read_sigv4},
    field_by<&HttpOptions::tls, read_tls_config>("tls_config", "", "Certificates for https."),
    field_by<&HttpOptions::proxy, read_proxy_url>("proxy_url", "", "HTTP proxy; https goes by CONNECT."),
    field_by<&HttpOptions::proxy, read_no_proxy>(
        "no_proxy", "", "Hosts, .domains, addresses and networks that are asked directly, with commas."),
    field_by<&HttpOptions::proxy, read_proxy_from_environment>(
        "proxy_from_environment", "false", "HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it."),
    field_by<&HttpOptions::proxy, read_proxy_connect_header>(
        "proxy_connect_header", "", "Headers for the proxy's CONNECT, a list of values each."),
    config::field<&HttpOptions::follow_redirects>("follow_redirects", "true", "Redirects are followed."),
    field_by<&HttpOptions::headers, read_custom_headers>(
        "http_headers", "", "Headers to add, each with values, secrets or files."),
    {"enable_http2", "", "No effect: HTTP/1.1 is spoken.", read_enable_http2},
};

namespace detail {

template <class T, std::size_t Row>
void read_http_row(const config::Node& node, T& into, config::Faults& faults) {
    http_option_rows[Row].read(node, into.http, faults);
}

template <class T, std::size_t Row>
constexpr config::Field<T> http_row() {
    constexpr auto& row = http_option_rows[Row];
    return {row.key, row.preset, row.help, read_http_row<T, Row>};
}

template <class T, std::size_t N, std::size_t... Own, std::size_t... Shared>
constexpr std::array<config::Field<T>, N + sizeof...(Shared)> with_http_rows(const config::Field<T> (&own)[N],
                                                                             std::index_sequence<Own...>,
                                                                             std::index_sequence<Shared...>) {
    return {own[Own]..., http_row<T, Shared>()...};
}

}  // namespace detail

/// The rows, and behind them those of the HTTP options, whose values go into the member `http` of T.
template <class T, std::size_t N>
constexpr auto with_http_rows(const config::Field<T> (&own)[N]) {
    return detail::with_http_rows(
        own, std::make_index_sequence<N>(), std::make_index_sequence<std::size(http_option_rows)>());
}

}  // namespace pifleet::forwarder
