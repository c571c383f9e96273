// tls_server_config. Cipher suites and curves have Go's names in the file and OpenSSL's in what is read.
#include "common/config/fields.hpp"
#include "common/http/web/rows.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

namespace pifleet::http::web {

namespace {

using config::Faults;
using config::Field;
using config::field;
using config::Node;
using Options = TlsServerOptions;

struct Name {
    std::string_view theirs;  // Go's
    std::string_view ours;    // OpenSSL's; empty: nothing to choose, accepted as there
};

// Those that Go calls secure; the last three are TLS 1.3's.
constexpr Name ciphers[] = {
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
};

constexpr Name curves[] = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};

constexpr Name versions[] = {{"TLS10", ""}, {"TLS11", ""}, {"TLS12", ""}, {"TLS13", ""}};

struct Policy {
    std::string_view name;
    ClientAuth meaning;
};
constexpr Policy policies[] = {
    {"NoClientCert", ClientAuth::none},
    {"RequestClientCert", ClientAuth::request},
    {"RequireAnyClientCert", ClientAuth::require_any},
    {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
    {"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
    {"RequireClientCert", ClientAuth::require_any},  // an old spelling
};

// The row of `table` that `node` names, or null and a fault that lists the names.
template <class Row>
const Row* pick(const Node& node, std::span<const Row> table, std::string_view Row::*name, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return nullptr;
    std::string known;
    for (const auto& row : table) {
        if (row.*name == text) return &row;
        known += (known.empty() ? "" : ", ") + std::string(row.*name);
    }
    faults.add(node.place, "expected one of " + known + ", not '" + text + "'");
    return nullptr;
}

// A list of names, as OpenSSL wants it.
void read_names(const Node& node, std::span<const Name> table, std::string& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    for (const auto& item : node.items) {
        const auto* found = pick(item, table, &Name::theirs, faults);
        if (found == nullptr || found->ours.empty()) continue;
        if (!into.empty()) into += ':';
        into += found->ours;
    }
}

void read_version(const Node& node, TlsVersion& into, Faults& faults) {
    if (const auto* found = pick(node, std::span<const Name>(versions), &Name::theirs, faults))
        into = static_cast<TlsVersion>(found - versions + 1);  // behind `preset`
}

void read_policy(const Node& node, Options& into, Faults& faults) {
    if (node.kind == Node::Kind::scalar && node.text.empty()) return;
    if (const auto* found = pick(node, std::span<const Policy>(policies), &Policy::name, faults))
        into.client_auth = found->meaning;
}

constexpr Field<Options> rows[] = {
    field<&Options::cert_file>("cert_file", "", "Our certificate, with those between it and its authority."),
    field<&Options::key_file>("key_file", "", "Its key."),
    field<&Options::cert>("cert", "", "The certificate itself, as PEM."),
    field<&Options::key>("key", "", "The key itself; rather use key_file."),
    {"client_auth_type", "NoClientCert", "What is asked of clients.", read_policy},
    field<&Options::client_ca_file>("client_ca_file", "", "Authorities of the clients' certificates."),
    field<&Options::client_ca>("client_ca", "", "The same, as PEM."),
    field<&Options::client_allowed_sans>(
        "client_allowed_sans", "", "Names, one of which a client must have."),
    {"min_version",
     "TLS12",
     "TLS10, TLS11, TLS12 or TLS13.",
     [](const Node& node, Options& into, Faults& faults) { read_version(node, into.min_version, faults); }},
    {"max_version",
     "TLS13",
     "TLS10, TLS11, TLS12 or TLS13.",
     [](const Node& node, Options& into, Faults& faults) { read_version(node, into.max_version, faults); }},
    {"cipher_suites",
     "",
     "For TLS 1.2 and older.",
     [](const Node& node, Options& into, Faults& faults) {
         read_names(node, ciphers, into.ciphers, faults);
     }},
    {"curve_preferences",
     "",
     "CurveP256, CurveP384, CurveP521, X25519.",
     [](const Node& node, Options& into, Faults& faults) { read_names(node, curves, into.groups, faults); }},
    field<&Options::prefer_server_ciphers>(
        "prefer_server_cipher_suites", "true", "Ours, not the client's, in order."),
};

void start_from(const std::string& folder, std::string& path) {
    if (!path.empty() && !folder.empty()) path = (std::filesystem::path(folder) / path).string();
}

bool names_any(const Options& options) {
    return options.wanted() || !options.key_file.empty() || !options.key.empty() ||
           !options.client_ca_file.empty() || !options.client_ca.empty() ||
           options.client_auth != ClientAuth::none;
}

void check_together(const Node& node, const Options& read, Faults& faults) {
    const auto at = [&](std::string_view key) {
        const auto* found = node.find(key);
        return found == nullptr ? node.place : found->place;
    };
    if (!names_any(read)) return;
    if (!read.wanted()) faults.add(node.place, "a certificate is missing: cert_file");
    if (read.key_file.empty() && read.key.empty())
        faults.add(node.place, "the certificate's key is missing: key_file");
    const bool authority = !read.client_ca_file.empty() || !read.client_ca.empty();
    if (authority && read.client_auth == ClientAuth::none)
        faults.add(at("client_ca_file"), "without client_auth_type no client is asked for a certificate");
    // Otherwise a client without a certificate would be let in by a list of names that looks as if it kept it
    // out.
    if (!read.client_allowed_sans.empty() && read.client_auth != ClientAuth::require_any &&
        read.client_auth != ClientAuth::require_and_verify)
        faults.add(at("client_allowed_sans"),
                   "needs client_auth_type: RequireAndVerifyClientCert (or RequireAnyClientCert)");
    const auto least = read.min_version == TlsVersion::preset ? TlsVersion::tls12 : read.min_version;
    if (read.max_version != TlsVersion::preset && read.max_version < least)
        faults.add(at("max_version"), "max_version is below min_version: nobody could connect");
}

}  // namespace

void read_tls(const Node& node, const std::string& folder, Options& into, Faults& faults) {
    config::read_mapping<Options>(node, rows, into, faults);
    for (auto* path : {&into.cert_file, &into.key_file, &into.client_ca_file}) start_from(folder, *path);
    if (node.kind == Node::Kind::mapping) check_together(node, into, faults);
}

}  // namespace pifleet::http::web
