// The web configuration file of Prometheus's exporter-toolkit: TLS, who may ask, headers, a rate. Facts from
// its documentation (docs/web-configuration.md) and from what its programs accept and refuse.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/message.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace pifleet::http::web {

enum class ClientAuth { none, request, require_any, verify_if_given, require_and_verify };

struct TlsServerOptions {
    std::string cert_file, key_file;
    std::string cert, key;  // PEM, in place of the files
    ClientAuth client_auth = ClientAuth::none;
    std::string client_ca_file, client_ca;
    std::vector<std::string> client_allowed_sans;  // empty: any
    TlsVersion min_version = TlsVersion::preset;
    TlsVersion max_version = TlsVersion::preset;
    std::string ciphers;  // of TLS 1.2 and older, as OpenSSL spells them; empty: its default
    std::string groups;
    bool prefer_server_ciphers = true;
    friend bool operator==(const TlsServerOptions&, const TlsServerOptions&) = default;

    /// Whether connections are by TLS.
    bool wanted() const { return !(cert_file.empty() && cert.empty()); }
};

struct RateLimit {
    std::chrono::nanoseconds interval{0};  // between two requests; 0: no limit
    double burst = 0;
};

struct Config {
    TlsServerOptions tls;
    std::vector<Header> headers;               // for every answer
    std::map<std::string, std::string> users;  // name and bcrypt hash; empty: anybody may ask
    RateLimit rate;
};

/// Reads the file. Relative paths in it start from its folder. Certificates are looked at, too, so that a
/// program does not start with those that cannot be used. The error has every fault with file:line:column.
Result<Config> load(const std::string& path);

}  // namespace pifleet::http::web
