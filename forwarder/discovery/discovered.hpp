// What one source of a discovery last named: a file, a URL, a DNS name or a group of static_configs.
#pragma once

#include "forwarder/config/config.hpp"

#include <string>
#include <vector>

namespace pifleet::forwarder {

struct DiscoveredGroup {
    std::string source;
    std::vector<Pairs> targets;
};

}  // namespace pifleet::forwarder
