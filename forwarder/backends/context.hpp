// What a backend is handed when it is made, and what all of them read settings with.
#pragma once

#include "forwarder/backends/write_request_parts.hpp"
#include "forwarder/config/config.hpp"
#include "forwarder/series/metadata.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct BackendContext {
    boost::asio::any_io_executor executor;
    OwnedLabels external;           // labels that go with every series, sorted by name
    const MetadataTable& metadata;  // outlives the backend
    std::string state_folder;  // where a backend may keep what a clean stop must not lose; empty: nowhere
};

/// The value of a protocol's own key; "" when it was neither given nor has a preset.
std::string_view setting(const BackendConfig& config, std::string_view key);

}  // namespace pifleet::forwarder
