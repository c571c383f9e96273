#include "forwarder/backends/registry.hpp"

#include "forwarder/backends/context.hpp"
#include "forwarder/backends/json_system.hpp"

#include <iterator>
#include <vector>

namespace pifleet::forwarder {

extern const Protocol remote_write_protocol;
extern const Protocol influx_protocol;
extern const Protocol otlp_protocol;
extern const Protocol graphite_protocol;
extern const Protocol graphite_http_protocol;
extern const Protocol postgres_protocol;
extern const Protocol kafka_protocol;

namespace {

constinit const Protocol* const table[] = {
    &remote_write_protocol,
    &influx_protocol,
    &otlp_protocol,
    &graphite_protocol,
    &graphite_http_protocol,
    &postgres_protocol,
    &kafka_protocol,
};

// Those, and a row each of the systems that take JSON.
const std::vector<const Protocol*>& all() {
    static const auto known = [] {
        std::vector<const Protocol*> protocols(std::begin(table), std::end(table));
        for (const auto& protocol : json_protocols()) protocols.push_back(&protocol);
        return protocols;
    }();
    return known;
}

}  // namespace

std::span<const Protocol* const> protocols() {
    return all();
}

const Protocol* find_protocol(std::string_view name) {
    for (const auto* protocol : all())
        if (protocol->name == name) return protocol;
    return nullptr;
}

std::string_view setting(const BackendConfig& config, std::string_view key) {
    for (const auto& [name, value] : config.settings)
        if (name == key) return value;
    return {};
}

}  // namespace pifleet::forwarder
