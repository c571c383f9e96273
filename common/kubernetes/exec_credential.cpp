#include "common/kubernetes/exec_credential.hpp"

#include "common/base/base64.hpp"
#include "common/base/text.hpp"
#include "common/config/tree.hpp"

#include <cstdio>
#include <ctime>

namespace pifleet::kubernetes {

namespace {

void append_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            out += escaped;
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += ',';
    append_text(out, name);
    out += ':';
    append_text(out, value);
}

std::string address(const http::Url& url) {
    auto out = (url.tls ? "https://" : "http://") + url.authority() + url.target;
    if (out.ends_with('/')) out.pop_back();
    return out;
}

}  // namespace

std::string exec_info(const ExecPlugin& plugin, const Access& access, std::string_view ca) {
    std::string out = R"({"kind":"ExecCredential")";
    append_member(out, "apiVersion", plugin.api_version);
    out += R"(,"spec":{"interactive":false)";
    if (plugin.provide_cluster_info) {
        out += R"(,"cluster":{"config":null)";
        append_member(out, "server", address(access.server));
        append_member(out, "tls-server-name", access.tls.server_name);
        append_member(out, "certificate-authority-data", base64_encode(ca));
        if (access.tls.insecure_skip_verify) out += R"(,"insecure-skip-tls-verify":true)";
        if (access.proxy && access.proxy->url) append_member(out, "proxy-url", address(*access.proxy->url));
        out += '}';
    }
    return out += "}}";
}

Result<ExecCredential> read_exec_credential(std::string_view text, std::string_view api_version) {
    // JSON is YAML as far as plugins write it. The reader's own faults may quote what it reads.
    config::Faults faults("the plugin's output");
    const auto tree = config::parse_yaml(text, faults);
    if (!tree || !faults.empty()) return failure("what it printed is no JSON");
    const auto member = [](const config::Node* node, std::string_view key) {
        const auto* found = node == nullptr ? nullptr : node->find(key);
        return found == nullptr ? std::string() : found->text;
    };
    if (member(&*tree, "kind") != "ExecCredential") return failure("what it printed is no ExecCredential");
    if (const auto version = member(&*tree, "apiVersion"); version != api_version)
        return failure("it printed an ExecCredential of another apiVersion than " + std::string(api_version));
    const auto* status = tree->find("status");
    ExecCredential out;
    out.token = member(status, "token");
    out.cert = member(status, "clientCertificateData");
    out.key = member(status, "clientKeyData");
    if (out.cert.empty() != out.key.empty())
        return failure("it printed only one of clientCertificateData and clientKeyData");
    if (out.token.empty() && out.cert.empty()) return failure("it printed neither a token nor a certificate");
    if (const auto until = member(status, "expirationTimestamp"); !until.empty()) {
        out.expires = parse_time(until);
        if (!out.expires) return failure("its expirationTimestamp is no time");
    }
    return out;
}

std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text) {
    std::tm date{};
    int used = 0;
    const std::string copy(text);
    if (std::sscanf(copy.c_str(),
                    "%4d-%2d-%2d%*[Tt ]%2d:%2d:%2d%n",
                    &date.tm_year,
                    &date.tm_mon,
                    &date.tm_mday,
                    &date.tm_hour,
                    &date.tm_min,
                    &date.tm_sec,
                    &used) != 6)
        return std::nullopt;
    date.tm_year -= 1900;
    date.tm_mon -= 1;
    if (date.tm_mon < 0 || date.tm_mon > 11 || date.tm_mday < 1 || date.tm_mday > 31 || date.tm_hour < 0 ||
        date.tm_hour > 23 || date.tm_min < 0 || date.tm_min > 59 || date.tm_sec < 0 || date.tm_sec > 60)
        return std::nullopt;
    auto rest = text.substr(static_cast<std::size_t>(used));
    if (rest.starts_with('.'))
        rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
    int offset = 0;  // minutes
    if (rest != "Z" && rest != "z") {
        if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return std::nullopt;
        const auto hours = to_unsigned(rest.substr(1, 2)), minutes = to_unsigned(rest.substr(4, 2));
        if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
        offset = static_cast<int>(*hours * 60 + *minutes) * (rest[0] == '-' ? -1 : 1);
    }
    return std::chrono::system_clock::from_time_t(::timegm(&date)) - std::chrono::minutes(offset);
}

}  // namespace pifleet::kubernetes
