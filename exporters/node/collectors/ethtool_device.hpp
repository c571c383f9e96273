// What a network device's driver tells by SIOCETHTOOL: who it is, what the link can do, its own statistics.
// The kernel is behind a function, so that every answer can be made up in a test.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace pifleet::node {

/// Asks about a device. `block` begins with the number of the command and is overwritten by the answer. Gives
/// 0, or the errno.
using EthtoolCall = std::function<int(const std::string& device, std::span<char> block)>;

/// The one that asks the running kernel.
int ask_ethtool(const std::string& device, std::span<char> block);

struct EthtoolDriver {
    std::string driver, version, firmware, expansion_rom, bus;  // UTF-8
    std::uint32_t statistics = 0;                               // how many it has
};

struct EthtoolLink {
    bool autonegotiates = false;
    std::vector<std::uint32_t> supported, advertised;  // bits of enum ethtool_link_mode_bit_indices
};

struct EthtoolStatistic {
    std::string name;  // as the driver spells it
    std::uint64_t value;
};

/// Error::Kind::absent: this device does not tell, now or ever.
Result<EthtoolDriver> ethtool_driver(const EthtoolCall& call, const std::string& device);
Result<EthtoolLink> ethtool_link(const EthtoolCall& call, const std::string& device);
/// `count`: what ethtool_driver() said.
Result<std::vector<EthtoolStatistic>> ethtool_statistics(const EthtoolCall& call,
                                                         const std::string& device,
                                                         std::uint32_t count);

}  // namespace pifleet::node
