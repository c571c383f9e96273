#include "common/http/url.hpp"

#include "common/base/text.hpp"
#include "common/http/percent.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace pifleet::http {

namespace {

// Letters, digits and what else a host name or a zone ("eth0.5") may have.
bool plain_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_' || c == '~';
    });
}

// What stands between brackets, "%25eth0" (as URLs spell a zone) turned to "%eth0" (as getaddrinfo does).
std::optional<std::string> ipv6_literal(std::string_view text) {
    const auto percent = text.find('%');
    std::string address(text.substr(0, percent));
    in6_addr binary{};
    if (inet_pton(AF_INET6, address.c_str(), &binary) != 1) return std::nullopt;
    if (percent == std::string_view::npos) return address;
    auto zone = text.substr(percent + 1);
    if (zone.starts_with("25") && zone.size() > 2) zone.remove_prefix(2);
    if (!plain_name(zone)) return std::nullopt;
    return address + '%' + std::string(zone);
}

struct Authority {
    std::string host;
    std::optional<std::string_view> port;
};

// No message here repeats the text: what looks like a port may be the rest of a password.
Result<Authority> split_authority(std::string_view text) {
    Authority out;
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return failure("a '[' without its ']'");
        auto host = ipv6_literal(text.substr(1, close - 1));
        if (!host) return failure("no IPv6 address between the brackets");
        out.host = std::move(*host);
        rest = text.substr(close + 1);
        if (!rest.empty() && rest.front() != ':')
            return failure("something other than ':port' behind the ']'");
    } else {
        const auto colon = std::min(text.find(':'), text.size());
        out.host = text.substr(0, colon);
        rest = text.substr(colon);
        if (rest.find(':', 1) != std::string_view::npos)
            return failure("more than one ':' (an IPv6 address needs brackets, as in [::1]:9100)");
        if (!out.host.empty() && !plain_name(out.host)) return failure("a character that no host name has");
    }
    if (!rest.empty()) out.port = rest.substr(1);
    return out;
}

std::optional<std::uint16_t> port_number(std::string_view text, std::uint16_t least) {
    const auto number = to_unsigned(text);
    if (!number || *number < least || *number > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

bool forbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte >= 0x7f;
}

Result<void> take_userinfo(std::string_view text, Url& url) {
    const auto colon = std::min(text.find(':'), text.size());
    auto user = percent_decode(text.substr(0, colon));
    auto password = percent_decode(text.substr(std::min(colon + 1, text.size())));
    if (!user || !password) return failure("the URL's user or password has a broken %-escape");
    url.user = std::move(*user);
    url.password = std::move(*password);
    return {};
}

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace

std::string Url::authority() const {
    // The zone means something on this machine only.
    std::string out = bracketed(host.substr(0, host.find('%')));
    if (port != (tls ? 443 : 80)) out += ':' + std::to_string(port);
    return out;
}

std::string Url::shown() const {
    std::string out = (tls ? "https://" : "http://") + authority();
    const auto mark = target.find('?');
    out += target.substr(0, mark);
    if (mark == std::string::npos) return out;
    char before = '?';
    for (const auto piece : split(std::string_view(target).substr(mark + 1), '&')) {
        out += std::exchange(before, '&');
        const auto equals = piece.find('=');
        if (equals != std::string_view::npos) out += piece.substr(0, equals + 1);
        if (!piece.empty()) out += "***";  // also for a piece without '=': it may be a key by itself
    }
    return out;
}

Result<Url> parse_url(std::string_view text) {
    if (std::any_of(text.begin(), text.end(), forbidden))
        return failure("the URL has a blank, a control character or one outside ASCII: escape it by %");
    const auto colon = text.find("://");
    if (colon == std::string_view::npos)
        return failure("the URL has no scheme: expected http:// or https://");
    Url url;
    url.tls = equal_ignoring_case(text.substr(0, colon), "https");
    if (!url.tls && !equal_ignoring_case(text.substr(0, colon), "http"))
        return failure("the URL's scheme is neither http nor https");
    text = text.substr(colon + 3);
    text = text.substr(0, text.find('#'));

    auto authority = text.substr(0, text.find_first_of("/?"));
    const auto target = text.substr(authority.size());
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (auto taken = take_userinfo(authority.substr(0, at), url); !taken) return taken.error();
        authority.remove_prefix(at + 1);
    }
    auto parts = split_authority(authority);
    if (!parts) return failure("the URL's host has " + parts.error().message);
    if (parts->host.empty()) return failure("the URL has no host");
    url.host = std::move(parts->host);
    url.port = url.tls ? 443 : 80;
    if (parts->port) {
        const auto port = port_number(*parts->port, 1);
        if (!port) return failure("the URL's port is not a number from 1 to 65535");
        url.port = *port;
    }
    if (!percent_decode(target)) return failure("the URL has a broken %-escape");
    url.target = target.starts_with('/') ? std::string(target) : '/' + std::string(target);
    return url;
}

Result<HostPort> parse_host_port(std::string_view text) {
    const auto wrong = [&](std::string_view what) {
        return failure('\'' + std::string(text) + "' has " + std::string(what) +
                       ": expected host:port or :port");
    };
    auto parts = split_authority(text);
    if (!parts) return wrong(parts.error().message);
    if (!parts->port) return wrong("no port");
    const auto port = port_number(*parts->port, 0);
    if (!port) return wrong("a port that is not a number from 0 to 65535");
    return HostPort{std::move(parts->host), *port};
}

}  // namespace pifleet::http
