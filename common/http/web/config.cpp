#include "common/http/web/config.hpp"

#include "common/base/files.hpp"
#include "common/config/fields.hpp"
#include "common/http/web/bcrypt.hpp"
#include "common/http/web/rows.hpp"
#include "common/http/web/tls_server.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

namespace pifleet::http::web {

namespace {

using config::Faults;
using config::Field;
using config::Node;

struct Http {
    std::vector<Header> headers;
};

struct AllowedHeader {
    std::string_view name;
    std::string_view values[2];  // none: any value
};

constexpr AllowedHeader allowed_headers[] = {
    {"Strict-Transport-Security", {}},
    {"X-Content-Type-Options", {"nosniff"}},
    {"X-Frame-Options", {"deny", "sameorigin"}},
    {"X-XSS-Protection", {}},
    {"Content-Security-Policy", {}},
};

void check_header(const Node& key, const Node& value, Faults& faults) {
    const auto allowed = std::find_if(std::begin(allowed_headers),
                                      std::end(allowed_headers),
                                      [&](const auto& each) { return each.name == key.text; });
    if (allowed == std::end(allowed_headers)) {
        std::vector<std::string_view> names;
        for (const auto& each : allowed_headers) names.push_back(each.name);
        return config::unknown_key(key, names, faults);
    }
    const auto& [first, second] = allowed->values;
    if (first.empty() || value.text == first || (!second.empty() && value.text == second)) return;
    const auto or_second = second.empty() ? std::string() : " or " + std::string(second);
    faults.add(value.place,
               key.text + ": expected " + std::string(first) + or_second + ", not '" + value.text + "'");
}

void read_headers(const Node& node, Http& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        check_header(key, value, faults);
        Header header{key.text, {}};
        decode(value, header.value, faults);
        if (header.value.find_first_of("\r\n") != std::string::npos)
            faults.add(value.place, key.text + ": a header has no line ends");
        if (!header.value.empty()) into.headers.push_back(std::move(header));
    }
}

constexpr Field<Http> http_rows[] = {
    {"http2",
     "true",
     "Accepted; answers are HTTP/1.1.",
     [](const Node& node, Http&, Faults& faults) {
         bool ignored = false;
         decode(node, ignored, faults);
     }},
    {"headers", "", "Headers of every answer.", read_headers},
};

void read_users(const Node& node, Config& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [name, value] : node.members) {
        std::string hash;
        decode(value, hash, faults);
        if (!is_bcrypt(hash))
            // Not what stands there: it may be the password itself.
            faults.add(value.place,
                       "the password of '" + name.text +
                           "' is no bcrypt hash (htpasswd -nBC 10 NAME makes one: $2y$10$…)");
        into.users.emplace(name.text, std::move(hash));
    }
}

// Keys that are read in load(), where the folder is known, have an empty function here.
constexpr Field<Config> rows[] = {
    {"tls_server_config", "", "HTTPS and client certificates.", nullptr},
    {"http_server_config",
     "",
     "Headers of the answers.",
     [](const Node& node, Config& into, Faults& faults) {
         Http http;
         config::read_mapping<Http>(node, http_rows, http, faults);
         into.headers = std::move(http.headers);
     }},
    {"basic_auth_users", "", "Names and bcrypt hashes of who may ask.", read_users},
    {"rate_limit",
     "",
     "How many requests are answered in a time.",
     [](const Node& node, Config& into, Faults& faults) { read_rate(node, into.rate, faults); }},
};

void read(const Node& root, const std::string& folder, Config& into, Faults& faults) {
    config::read_mapping<Config>(root, rows, into, faults);
    const auto* tls = root.find("tls_server_config");
    if (tls == nullptr) return;
    read_tls(*tls, folder, into.tls, faults);
    if (!faults.empty() || !into.tls.wanted()) return;
    if (const auto usable = TlsServer::check(into.tls); !usable)
        faults.add(tls->place, usable.error().message);
}

}  // namespace

Result<Config> load(const std::string& path) {
    const auto text = read_file(path, 1024 * 1024);
    if (!text) return failure(text.error().message);
    Faults faults(path);
    Config out;
    const auto root = config::parse_yaml(*text, faults);
    if (root) read(*root, std::filesystem::path(path).parent_path().string(), out, faults);
    if (!faults.empty()) return failure(faults.text());
    return out;
}

}  // namespace pifleet::http::web
