// The addresses of the network devices, as node_network_address_info shows them.
#pragma once

#include "common/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct Address {
    std::string device;
    std::string address;     // without the prefix length
    std::string prefix;      // its length: "24"
    std::string_view scope;  // "global", "link-local", "interface-local" or empty
};

Result<std::vector<Address>> read_addresses();

}  // namespace pifleet::node
