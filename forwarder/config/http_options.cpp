#include "forwarder/config/http_options.hpp"

#include "common/base/files.hpp"

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

struct Credentials {
    std::string username, type, text_file;
    config::Secret text;
};

void decode_secret_file(const Node& node, Credentials& into, Faults& faults) {
    decode(node, into.text_file, faults);
}

constexpr Field<Credentials> basic_auth_rows[] = {
    field<&Credentials::username>("username", "", "User name."),
    field<&Credentials::text>("password", "", "Password; rather use password_file."),
    {"password_file", "", "File that holds the password; read again at each request.", decode_secret_file},
};

constexpr Field<Credentials> authorization_rows[] = {
    field<&Credentials::type>("type", "Bearer", "Scheme in front of the credentials, such as Token."),
    field<&Credentials::text>("credentials", "", "The credentials; rather use credentials_file."),
    {"credentials_file",
     "",
     "File that holds the credentials; read again at each request.",
     decode_secret_file},
};

constexpr Field<http::TlsOptions> tls_rows[] = {
    field<&http::TlsOptions::ca_file>("ca_file", "", "Certificates to trust instead of the system's."),
    field<&http::TlsOptions::cert_file>("cert_file", "", "Our own certificate, with key_file."),
    field<&http::TlsOptions::key_file>("key_file", "", "The key of cert_file."),
    field<&http::TlsOptions::server_name>("server_name", "", "Name that the certificate must have."),
    field<&http::TlsOptions::insecure_skip_verify>("insecure_skip_verify", "false", "Take any certificate."),
};

// The secret of either way of giving it; both at once is a fault, and so is a file that cannot be read now.
config::Secret secret_of(const Node& node, Credentials& given, std::string_view key, Faults& faults) {
    if (given.text_file.empty()) return given.text;
    if (given.text.given())
        faults.add(node.place, std::string(key) + " and " + std::string(key) + "_file exclude each other");
    auto secret = config::Secret::of_file(given.text_file);
    const auto* file = node.find(std::string(key) + "_file");
    if (const auto text = secret.reveal(); !text && file != nullptr)
        faults.add(file->place, text.error().message);
    return secret;
}

void set(HttpOptions& into, Authorization authorization, const Node& node, Faults& faults) {
    if (into.authorization.kind != Authorization::Kind::none)
        faults.add(node.place, "basic_auth and authorization exclude each other");
    into.authorization = std::move(authorization);
}

}  // namespace

void read_basic_auth(const Node& node, HttpOptions& into, Faults& faults) {
    Credentials given;
    config::read_mapping<Credentials>(node, basic_auth_rows, given, faults);
    Authorization authorization{Authorization::Kind::basic, given.username, "", {}};
    authorization.secret = secret_of(node, given, "password", faults);
    set(into, std::move(authorization), node, faults);
}

void read_authorization(const Node& node, HttpOptions& into, Faults& faults) {
    Credentials given;
    config::read_mapping<Credentials>(node, authorization_rows, given, faults);
    Authorization authorization{
        Authorization::Kind::scheme, "", given.type.empty() ? "Bearer" : given.type, {}};
    authorization.secret = secret_of(node, given, "credentials", faults);
    if (!authorization.secret.given())
        faults.add(node.place, "authorization needs credentials_file (or credentials)");
    set(into, std::move(authorization), node, faults);
}

void read_tls_config(const Node& node, HttpOptions& into, Faults& faults) {
    config::read_mapping<http::TlsOptions>(node, tls_rows, into.tls, faults);
    if (into.tls.cert_file.empty() != into.tls.key_file.empty())
        faults.add(node.place, "cert_file and key_file go together");
    for (const auto key : {"ca_file", "cert_file", "key_file"}) {
        const auto* file = node.find(key);
        if (file == nullptr || file->text.empty()) continue;
        if (const auto content = read_file(file->text); !content)
            faults.add(file->place, content.error().message);
    }
}

}  // namespace pifleet::forwarder
