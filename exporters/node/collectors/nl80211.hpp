// Wireless interfaces as the kernel tells of them: dumps of nl80211, a family of generic netlink. The kernel
// is behind a function, so that every answer can be made up in a test.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace pifleet::node {

using WifiHandler = std::function<void(std::span<const char> attributes)>;

/// Hands over the attributes of each message that answers an NL80211_CMD_GET_…, asked about one interface or
/// (0) about all. Error::Kind::absent: no nl80211, or the driver knows no such thing.
using WifiDump =
    std::function<Result<void>(std::uint8_t command, std::uint32_t interface, const WifiHandler& handler)>;

/// The one that asks the running kernel.
Result<void> ask_nl80211(std::uint8_t command, std::uint32_t interface, const WifiHandler& handler);

struct WifiInterface {
    std::uint32_t index = 0;
    std::string name;  // empty: the part of a driver that is no network device (P2P)
    std::uint32_t megahertz = 0;
};
WifiInterface parse_wifi_interface(std::span<const char> attributes);

/// The network that an interface belongs to.
struct WifiNetwork {
    std::string bssid, ssid;  // UTF-8
    std::string_view mode;
};
/// Nothing for a network that was only heard of.
std::optional<WifiNetwork> parse_wifi_network(std::span<const char> attributes);

/// The other end of a link: the access point, or each client of ours. What a driver does not tell stays
/// empty.
struct WifiStation {
    std::string address;
    std::optional<double> connected, inactive;          // seconds
    std::optional<double> receive_rate, transmit_rate;  // bits a second
    std::optional<double> signal;                       // dBm
    std::optional<double> received_bytes, transmitted_bytes;
    std::optional<double> received_packets, transmitted_packets;
    std::optional<double> retries, failed, beacon_losses;
};
std::optional<WifiStation> parse_wifi_station(std::span<const char> attributes);

}  // namespace pifleet::node
