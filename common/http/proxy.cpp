#include "common/http/proxy.hpp"

#include "common/base/text.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <cstdlib>
#include <utility>

namespace pifleet::http {

namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

std::optional<ip::address> address_of(const std::string& text) {
    error_code error;
    auto address = ip::make_address(text, error);
    if (error) return std::nullopt;
    return address;
}

bool within(const ip::address& address, const std::string& network) {
    error_code error;
    if (address.is_v4()) {
        const auto range = ip::make_network_v4(network, error);
        return !error &&
               range.canonical() == ip::network_v4(address.to_v4(), range.prefix_length()).canonical();
    }
    const auto range = ip::make_network_v6(network, error);
    return !error && range.canonical() == ip::network_v6(address.to_v6(), range.prefix_length()).canonical();
}

// "host:port" apart, where there is a port; an IPv6 address has brackets then.
std::pair<std::string, std::string> host_and_port(std::string_view entry) {
    if (entry.starts_with('[')) {
        const auto end = entry.find(']');
        if (end == std::string_view::npos) return {std::string(entry), ""};
        const auto rest = entry.substr(end + 1);
        return {std::string(entry.substr(1, end - 1)), rest.empty() ? "" : std::string(rest.substr(1))};
    }
    const auto colon = entry.find(':');
    if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos)
        return {std::string(entry), ""};
    return {std::string(entry.substr(0, colon)), std::string(entry.substr(colon + 1))};
}

bool matches(std::string_view entry, const Url& origin) {
    if (entry == "*") return true;
    const auto address = address_of(origin.host);
    if (entry.find('/') != std::string_view::npos) return address && within(*address, std::string(entry));
    auto [name, port] = host_and_port(entry);
    if (!port.empty() && port != std::to_string(origin.port)) return false;
    if (const auto listed = address_of(name)) return address == listed;
    if (address || name.empty()) return false;
    const auto host = lower(origin.host);
    if (name.starts_with("*.")) name.erase(0, 1);
    name = lower(name);
    if (name.front() == '.') return host.ends_with(name);
    return host == name || host.ends_with('.' + name);
}

bool this_machine(const std::string& host) {
    if (equal_ignoring_case(host, "localhost")) return true;
    const auto address = address_of(host);
    return address && address->is_loopback();
}

// The first of the two spellings that is set.
std::string environment(const char* large, const char* small) {
    for (const auto* name : {large, small})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
    return {};
}

}  // namespace

bool exempt(std::string_view no_proxy, const Url& origin) {
    for (const auto piece : split(no_proxy, ','))
        if (const auto entry = trim(piece); !entry.empty() && matches(entry, origin)) return true;
    return false;
}

Result<Url> parse_proxy(std::string_view text) {
    const auto colon = text.find("://");
    if (colon == std::string_view::npos) return parse_url("http://" + std::string(text));
    if (!equal_ignoring_case(text.substr(0, colon), "http"))
        return failure(
            "a proxy of this kind is not supported: expected http://host:port, through which https "
            "targets are reached, too");
    return parse_url(text);
}

Result<std::optional<Url>> proxy_for(const Url& origin, const ProxyOptions& options) {
    using Proxy = std::optional<Url>;
    if (!options.from_environment) {
        const bool direct =
            !options.no_proxy.empty() && (this_machine(origin.host) || exempt(options.no_proxy, origin));
        return direct ? Proxy{} : options.url;
    }
    const char* name = origin.tls ? "HTTPS_PROXY" : "HTTP_PROXY";
    const auto named = environment(name, origin.tls ? "https_proxy" : "http_proxy");
    if (named.empty() || this_machine(origin.host) || exempt(environment("NO_PROXY", "no_proxy"), origin))
        return Proxy{};
    auto url = parse_proxy(named);
    if (!url) return failure(std::string(name) + " of the environment: " + url.error().message);
    return Proxy{std::move(*url)};
}

}  // namespace pifleet::http
