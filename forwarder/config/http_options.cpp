// Credentials and headers; TLS, proxies and OAuth 2.0 have files of their own.
#include "forwarder/config/http_options.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;
using config::Secret;

namespace {

struct Credentials {
    std::string username, username_file, type;
    Secret text, file;
};

void read_secret_file(const Node& node, Secret& into, Faults& faults) {
    std::string path;
    decode(node, path, faults);
    into = Secret::of_file(path);
    if (path.empty()) return;
    if (const auto text = into.reveal(); !text) faults.add(node.place, text.error().message);
}

constexpr Field<Credentials> basic_auth_rows[] = {
    field<&Credentials::username>("username", "", "User name."),
    field<&Credentials::username_file>("username_file", "", "File that holds the user name."),
    field<&Credentials::text>("password", "", "Password; rather use password_file."),
    field_by<&Credentials::file, read_secret_file>(
        "password_file", "", "File that holds the password; read again at each request."),
};

constexpr Field<Credentials> authorization_rows[] = {
    field<&Credentials::type>("type", "Bearer", "Scheme in front of the credentials, such as Token."),
    field<&Credentials::text>("credentials", "", "The credentials; rather use credentials_file."),
    field_by<&Credentials::file, read_secret_file>(
        "credentials_file", "", "File that holds the credentials; read again at each request."),
};

void read_secret_files(const Node& node, std::vector<Secret>& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    for (const auto& item : node.items) read_secret_file(item, into.emplace_back(), faults);
}

constexpr Field<CustomHeader> header_rows[] = {
    field<&CustomHeader::values>("values", "", "Values, shown as they are."),
    field<&CustomHeader::secrets>("secrets", "", "Values that are shown nowhere."),
    field_by<&CustomHeader::files, read_secret_files>(
        "files", "", "Files that hold a value each; read again at each request."),
};

// Prometheus's list: what a request says of itself is not the user's to say.
constexpr std::string_view reserved_headers[] = {
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
};

void set(HttpOptions& into, Authorization authorization, const Node& node, Faults& faults) {
    if (into.authorization.kind != Authorization::Kind::none)
        faults.add(node.place,
                   "at most one of basic_auth, authorization, bearer_token and oauth2 can be given");
    into.authorization = std::move(authorization);
}

}  // namespace

void expect_readable(const Node* file, Faults& faults) {
    if (file == nullptr || file->text.empty()) return;
    if (const auto content = read_file(file->text); !content)
        faults.add(file->place, content.error().message);
}

void expect_one_of(const Node& node, const std::string& key, Faults& faults) {
    const auto* text = node.find(key);
    const auto* file = node.find(key + "_file");
    if (text != nullptr && file != nullptr && !text->text.empty() && !file->text.empty())
        faults.add(node.place, key + " and " + key + "_file exclude each other");
}

void read_basic_auth(const Node& node, HttpOptions& into, Faults& faults) {
    Credentials given;
    config::read_mapping<Credentials>(node, basic_auth_rows, given, faults);
    expect_one_of(node, "username", faults);
    expect_one_of(node, "password", faults);
    expect_readable(node.find("username_file"), faults);
    Authorization authorization{
        Authorization::Kind::basic, given.username, "", given.text, given.username_file};
    if (given.file.given()) authorization.secret = given.file;
    set(into, std::move(authorization), node, faults);
}

void read_authorization(const Node& node, HttpOptions& into, Faults& faults) {
    Credentials given;
    config::read_mapping<Credentials>(node, authorization_rows, given, faults);
    expect_one_of(node, "credentials", faults);
    Authorization authorization{Authorization::Kind::scheme, "", given.type, given.text, ""};
    if (given.type.empty()) authorization.scheme = "Bearer";
    if (given.file.given()) authorization.secret = given.file;
    if (!authorization.secret.given())
        faults.add(node.place, "authorization needs credentials_file (or credentials)");
    if (equal_ignoring_case(given.type, "basic"))
        faults.add(node.find("type")->place, "the type cannot be 'basic': use basic_auth");
    set(into, std::move(authorization), node, faults);
}

void read_bearer_token(const Node& node, HttpOptions& into, Faults& faults) {
    Authorization authorization{Authorization::Kind::scheme, "", "Bearer", {}, ""};
    decode(node, authorization.secret, faults);
    set(into, std::move(authorization), node, faults);
}

void read_bearer_token_file(const Node& node, HttpOptions& into, Faults& faults) {
    Authorization authorization{Authorization::Kind::scheme, "", "Bearer", {}, ""};
    read_secret_file(node, authorization.secret, faults);
    set(into, std::move(authorization), node, faults);
}

void read_enable_http2(const Node& node, HttpOptions&, Faults& faults) {
    bool wanted = true;
    decode(node, wanted, faults);
}

void read_custom_headers(const Node& node, std::vector<CustomHeader>& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        auto& header = into.emplace_back();
        header.name = key.text;
        config::read_mapping<CustomHeader>(value, header_rows, header, faults);
        const auto reserved = [&name = header.name](std::string_view one) {
            return equal_ignoring_case(name, one);
        };
        if (std::any_of(std::begin(reserved_headers), std::end(reserved_headers), reserved))
            faults.add(
                key.place,
                "the header '" + header.name +
                    "' cannot be set here: pifleet-forwarder sets it itself, or it has a key of its own");
    }
}

void take_user(const http::Url& url, HttpOptions& options) {
    const bool own = options.oauth2 || options.authorization.kind != Authorization::Kind::none;
    if (url.user.empty() || own) return;
    options.authorization = {
        Authorization::Kind::basic, url.user, "", config::Secret::of_text(url.password), ""};
}

void check_http_options(const Node& node, const HttpOptions& options, Faults& faults) {
    if (options.oauth2 && options.authorization.kind != Authorization::Kind::none)
        faults.add(node.find("oauth2")->place,
                   "at most one of basic_auth, authorization, bearer_token and oauth2 can be given");
    if (options.sigv4 && (options.oauth2 || options.authorization.kind != Authorization::Kind::none))
        faults.add(node.find("sigv4")->place, "sigv4 is an authorization of its own: give no other one");
    check_proxy(node, options.proxy, faults);
}

}  // namespace pifleet::forwarder
