// tls_config: whom to trust, what to show, which versions.
#include "forwarder/config/http_options.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;
using http::TlsOptions;

namespace {

constexpr std::string_view version_names[] = {"TLS10", "TLS11", "TLS12", "TLS13"};

void read_version(const Node& node, http::TlsVersion& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return;
    const auto found = std::find(std::begin(version_names), std::end(version_names), text);
    if (found == std::end(version_names))
        faults.add(node.place, "expected TLS10, TLS11, TLS12 or TLS13, not '" + text + "'");
    else
        into = static_cast<http::TlsVersion>(found - std::begin(version_names) + 1);  // behind `preset`
}

constexpr Field<TlsOptions> tls_rows[] = {
    field<&TlsOptions::ca_file>("ca_file", "", "Certificates to trust instead of the system's."),
    field<&TlsOptions::ca>("ca", "", "The same, as PEM."),
    field<&TlsOptions::cert_file>("cert_file", "", "Our own certificate, with key_file."),
    field<&TlsOptions::cert>("cert", "", "The same, as PEM."),
    field<&TlsOptions::key_file>("key_file", "", "The key of our certificate."),
    field<&TlsOptions::key>("key", "", "The same, as PEM; rather use key_file."),
    field<&TlsOptions::server_name>("server_name", "the host's", "Name that the certificate must have."),
    field<&TlsOptions::insecure_skip_verify>("insecure_skip_verify", "false", "Take any certificate."),
    field_by<&TlsOptions::min_version, read_version>("min_version", "TLS12", "TLS10, TLS11, TLS12 or TLS13."),
    field_by<&TlsOptions::max_version, read_version>("max_version", "TLS13", "TLS10, TLS11, TLS12 or TLS13."),
};

}  // namespace

void read_tls_config(const Node& node, TlsOptions& into, Faults& faults) {
    config::read_mapping<TlsOptions>(node, tls_rows, into, faults);
    for (const auto key : {"ca", "cert", "key"}) {
        expect_one_of(node, key, faults);
        expect_readable(node.find(std::string(key) + "_file"), faults);
    }
    const bool cert = !into.cert.empty() || !into.cert_file.empty();
    const bool key = !into.key.empty() || !into.key_file.empty();
    if (cert != key) faults.add(node.place, "cert_file and key_file (or cert and key) go together");
    const auto least =
        into.min_version == http::TlsVersion::preset ? http::TlsVersion::tls12 : into.min_version;
    if (into.max_version != http::TlsVersion::preset && into.max_version < least)
        faults.add(node.find("max_version")->place,
                   "max_version is below min_version" +
                       std::string(node.find("min_version") == nullptr ? ", which is TLS12 by itself" : ""));
}

}  // namespace pifleet::forwarder
