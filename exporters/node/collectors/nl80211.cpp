// Attributes by linux/nl80211.h. Drivers differ in what they tell, so whatever is missing or shorter than it
// should be is left out.
#include "exporters/node/collectors/nl80211.hpp"

#include "exporters/node/machine_files.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>

namespace pifleet::node {

namespace {

template <class Number>
std::optional<double> number_in(std::span<const char> payload) {
    Number value{};
    if (payload.size() < sizeof value) return std::nullopt;
    std::memcpy(&value, payload.data(), sizeof value);
    return static_cast<double>(value);
}

std::optional<double> times(std::optional<double> value, double factor) {
    if (value) *value *= factor;
    return value;
}

std::span<const char> find(std::span<const char> attributes, unsigned type) {
    for (NetlinkAttribute each; next_attribute(attributes, each);)
        if (each.type == type) return each.payload;
    return {};
}

// Information elements as they stand in a beacon: a number, a length, as many bytes. 0 is the network's name.
std::string name_of(std::span<const char> elements) {
    while (elements.size() >= 2) {
        const auto number = static_cast<unsigned char>(elements[0]);
        const auto length = static_cast<unsigned char>(elements[1]);
        if (length > elements.size() - 2) break;
        if (number == 0) return valid_utf8({elements.data() + 2, length});
        elements = elements.subspan(2 + std::size_t{length});
    }
    return {};
}

std::string_view mode_of(std::optional<double> status) {
    if (status == NL80211_BSS_STATUS_AUTHENTICATED || status == NL80211_BSS_STATUS_ASSOCIATED)
        return "client";
    return status == NL80211_BSS_STATUS_IBSS_JOINED ? "ad-hoc" : "unknown";
}

// In units of 100 kbit/s: what does not fit into 16 bits stands in the other attribute only.
std::optional<double> rate_in(std::span<const char> attributes) {
    auto rate = number_in<std::uint32_t>(find(attributes, NL80211_RATE_INFO_BITRATE32));
    if (!rate) rate = number_in<std::uint16_t>(find(attributes, NL80211_RATE_INFO_BITRATE));
    return times(rate, 100'000);
}

std::optional<double> bytes_in(std::span<const char> station, unsigned wide, unsigned narrow) {
    const auto bytes = number_in<std::uint64_t>(find(station, wide));
    return bytes ? bytes : number_in<std::uint32_t>(find(station, narrow));
}

// The number of the family, which the kernel gives when the module is loaded.
Result<std::uint16_t> family_number() {
    const genlmsghdr request{CTRL_CMD_GETFAMILY, 1, 0};
    std::optional<double> number;
    const auto dumped = netlink_dump(
        NETLINK_GENERIC, GENL_ID_CTRL, bytes_of(request), "families", [&number](std::uint16_t, auto payload) {
            genlmsghdr header{};
            if (!take_struct(payload, header)) return;
            const NetlinkAttribute name{0, find(payload, CTRL_ATTR_FAMILY_NAME)};
            if (name.text() == NL80211_GENL_NAME)
                number = number_in<std::uint16_t>(find(payload, CTRL_ATTR_FAMILY_ID));
        });
    if (!dumped) return dumped.error();
    if (!number) return absent("the kernel has no nl80211");
    return static_cast<std::uint16_t>(*number);
}

}  // namespace

Result<void> ask_nl80211(std::uint8_t command, std::uint32_t interface, const WifiHandler& handler) {
    const auto family = family_number();
    if (!family) return family.error();
    struct {
        genlmsghdr header;
        rtattr attribute;
        std::uint32_t index;
    } request{{command, 0, 0}, {sizeof(rtattr) + sizeof(std::uint32_t), NL80211_ATTR_IFINDEX}, interface};
    auto body = bytes_of(request);
    if (interface == 0) body = body.first(sizeof request.header);
    return netlink_dump(
        NETLINK_GENERIC, *family, body, "wireless interfaces", [&handler](std::uint16_t, auto payload) {
            genlmsghdr header{};
            if (take_struct(payload, header)) handler(payload);
        });
}

WifiInterface parse_wifi_interface(std::span<const char> attributes) {
    WifiInterface interface;
    for (NetlinkAttribute each; next_attribute(attributes, each);) {
        if (each.type == NL80211_ATTR_IFINDEX) interface.index = each.number();
        if (each.type == NL80211_ATTR_IFNAME) interface.name = valid_utf8(each.text());
        if (each.type == NL80211_ATTR_WIPHY_FREQ) interface.megahertz = each.number();
    }
    return interface;
}

std::optional<WifiNetwork> parse_wifi_network(std::span<const char> attributes) {
    const auto network = find(attributes, NL80211_ATTR_BSS);
    const auto status = number_in<std::uint32_t>(find(network, NL80211_BSS_STATUS));
    if (!status) return std::nullopt;
    return WifiNetwork{hardware_address(find(network, NL80211_BSS_BSSID)),
                       name_of(find(network, NL80211_BSS_INFORMATION_ELEMENTS)),
                       mode_of(status)};
}

std::optional<WifiStation> parse_wifi_station(std::span<const char> attributes) {
    const auto told = find(attributes, NL80211_ATTR_STA_INFO);
    if (told.empty()) return std::nullopt;
    const auto number = [&told](unsigned type) { return number_in<std::uint32_t>(find(told, type)); };
    WifiStation station;
    station.address = hardware_address(find(attributes, NL80211_ATTR_MAC));
    station.connected = number(NL80211_STA_INFO_CONNECTED_TIME);
    station.inactive = number(NL80211_STA_INFO_INACTIVE_TIME);
    if (station.inactive) *station.inactive /= 1000;
    station.receive_rate = rate_in(find(told, NL80211_STA_INFO_RX_BITRATE));
    station.transmit_rate = rate_in(find(told, NL80211_STA_INFO_TX_BITRATE));
    station.signal = number_in<std::int8_t>(find(told, NL80211_STA_INFO_SIGNAL));
    station.received_bytes = bytes_in(told, NL80211_STA_INFO_RX_BYTES64, NL80211_STA_INFO_RX_BYTES);
    station.transmitted_bytes = bytes_in(told, NL80211_STA_INFO_TX_BYTES64, NL80211_STA_INFO_TX_BYTES);
    station.received_packets = number(NL80211_STA_INFO_RX_PACKETS);
    station.transmitted_packets = number(NL80211_STA_INFO_TX_PACKETS);
    station.retries = number(NL80211_STA_INFO_TX_RETRIES);
    station.failed = number(NL80211_STA_INFO_TX_FAILED);
    station.beacon_losses = number(NL80211_STA_INFO_BEACON_LOSS);
    return station;
}

}  // namespace pifleet::node
