// oauth2: where tokens come from.
#include "forwarder/config/http_options.hpp"

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

void read_client_secret_file(const Node& node, config::Secret& into, Faults& faults) {
    std::string path;
    decode(node, path, faults);
    if (path.empty()) return;
    into = config::Secret::of_file(path);
    if (const auto text = into.reveal(); !text) faults.add(node.place, text.error().message);
}

constexpr Field<OAuth2> oauth2_rows[] = {
    field<&OAuth2::client_id>("client_id", "", "Who we are to the token server."),
    field<&OAuth2::client_secret>("client_secret", "", "Our secret; rather use client_secret_file."),
    field_by<&OAuth2::client_secret, read_client_secret_file>(
        "client_secret_file", "", "File that holds the secret; read again for each token."),
    field<&OAuth2::scopes>("scopes", "", "Scopes to ask for."),
    field_by<&OAuth2::token_url, read_url>("token_url", "", "Address that gives tokens."),
    field<&OAuth2::endpoint_params>("endpoint_params", "", "More parameters for it."),
    field_by<&OAuth2::tls, read_tls_config>("tls_config", "", "Certificates for the token server."),
    field_by<&OAuth2::proxy, read_proxy_url>("proxy_url", "", "HTTP proxy to the token server."),
    field_by<&OAuth2::proxy, read_no_proxy>("no_proxy", "", "Hosts that are asked directly."),
    field_by<&OAuth2::proxy, read_proxy_from_environment>(
        "proxy_from_environment", "false", "HTTP_PROXY, HTTPS_PROXY and NO_PROXY say it."),
    field_by<&OAuth2::proxy, read_proxy_connect_header>(
        "proxy_connect_header", "", "Headers for the proxy's CONNECT."),
};

}  // namespace

void read_oauth2(const Node& node, HttpOptions& into, Faults& faults) {
    auto& given = into.oauth2.emplace();
    config::read_mapping<OAuth2>(node, oauth2_rows, given, faults);
    if (node.kind != Node::Kind::mapping) return;
    expect_one_of(node, "client_secret", faults);
    if (given.client_id.empty()) faults.add(node.place, "oauth2 needs a client_id");
    if (node.find("token_url") == nullptr) faults.add(node.place, "oauth2 needs a token_url");
    check_proxy(node, given.proxy, faults);
}

}  // namespace pifleet::forwarder
