// proxy_url and its neighbours; which of them go together is Prometheus's rule.
#include "forwarder/config/http_options.hpp"

namespace pifleet::forwarder {

using config::Faults;
using config::Node;
using http::ProxyOptions;

void read_proxy_url(const Node& node, ProxyOptions& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar || text.empty()) return;
    if (auto url = http::parse_proxy(text))
        into.url = std::move(*url);
    else
        faults.add(node.place, url.error().message);
}

void read_no_proxy(const Node& node, ProxyOptions& into, Faults& faults) {
    decode(node, into.no_proxy, faults);
}

void read_proxy_from_environment(const Node& node, ProxyOptions& into, Faults& faults) {
    decode(node, into.from_environment, faults);
}

void read_proxy_connect_header(const Node& node, ProxyOptions& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        std::vector<std::string> values;
        decode(value, values, faults);
        for (auto& one : values) into.connect_headers.push_back({key.text, std::move(one)});
    }
}

void check_proxy(const Node& node, const ProxyOptions& options, Faults& faults) {
    const auto fault = [&](const char* key, std::string_view what) {
        faults.add(node.find(key)->place, what);
    };
    if (options.from_environment && options.url)
        fault("proxy_url", "proxy_url and proxy_from_environment exclude each other");
    if (options.from_environment && !options.no_proxy.empty())
        fault("no_proxy", "no_proxy and proxy_from_environment exclude each other: NO_PROXY says it there");
    if (!options.from_environment && !options.url && !options.no_proxy.empty())
        fault("no_proxy", "no_proxy needs a proxy_url");
    if (!options.from_environment && !options.url && !options.connect_headers.empty())
        fault("proxy_connect_header", "proxy_connect_header needs a proxy_url (or proxy_from_environment)");
}

}  // namespace pifleet::forwarder
