// Link modes of network devices: the bits of enum ethtool_link_mode_bit_indices in linux/ethtool.h, by
// number, as not every distribution's header knows all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::node {

struct EthtoolSpeed {
    unsigned bit;
    unsigned megabits;
    std::string_view duplex;
    std::string_view mode;  // "1000baseT"
};
std::span<const EthtoolSpeed> ethtool_speeds();

struct EthtoolPort {
    unsigned bit;
    std::string_view type;
};
inline constexpr EthtoolPort ethtool_ports[] = {
    {7, "TP"}, {8, "AUI"}, {9, "MII"}, {10, "FIBRE"}, {11, "BNC"}, {16, "Backplane"}};

inline constexpr unsigned ethtool_autonegotiates = 6;
inline constexpr unsigned ethtool_pauses = 13;
inline constexpr unsigned ethtool_pauses_one_way = 14;

/// Whether the mask has the bit.
inline bool has_bit(std::span<const std::uint32_t> mask, unsigned bit) {
    return bit / 32 < mask.size() && (mask[bit / 32] >> bit % 32 & 1) != 0;
}

}  // namespace pifleet::node
