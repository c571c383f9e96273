// nl80211's messages, made here, against the page that the real node_exporter gives for the same facts
// (tests/conformance/node/wifi), and cut short everywhere.
#include "exporters/node/collectors/wifi.hpp"

#include "common/base/files.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"
#include "tests/unit/exporters/node/netlink_bytes.hpp"

#include <linux/nl80211.h>

#include <map>
#include <vector>

namespace pifleet::node::test {

namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

std::string interface(u32 index, const std::string& name, u32 megahertz) {
    auto bytes = attribute(NL80211_ATTR_IFINDEX, raw(index));
    if (!name.empty()) bytes += attribute(NL80211_ATTR_IFNAME, name + '\0');
    if (megahertz != 0) bytes += attribute(NL80211_ATTR_WIPHY_FREQ, raw(megahertz));
    return bytes;
}

std::string element(char number, const std::string& text) {
    return std::string{number, static_cast<char>(text.size())} + text;
}

std::string network(const std::string& bssid, const std::string& elements, const std::string& status) {
    return attribute(
        NL80211_ATTR_BSS | NLA_F_NESTED,
        attribute(NL80211_BSS_BSSID, bssid) + attribute(NL80211_BSS_INFORMATION_ELEMENTS, elements) + status);
}

// In the order in which the conformance folder tells them.
struct Told {
    u32 connected, inactive;  // seconds, milliseconds
    u64 received, sent;
    u32 packets_in, packets_out, rate_in, rate_out;  // rates in 100 kbit/s
    std::int8_t signal;
    u32 retries, failed, losses;
};

std::string rate(u32 value) {
    auto bytes = attribute(NL80211_RATE_INFO_BITRATE32, raw(value));
    if (value <= 0xffff) bytes += attribute(NL80211_RATE_INFO_BITRATE, raw(static_cast<u16>(value)));
    return bytes;
}

std::string station(const std::string& address, const Told& told) {
    const auto bytes = attribute(NL80211_STA_INFO_INACTIVE_TIME, raw(told.inactive)) +
                       attribute(NL80211_STA_INFO_RX_BYTES, raw(static_cast<u32>(told.received))) +
                       attribute(NL80211_STA_INFO_TX_BYTES, raw(static_cast<u32>(told.sent))) +
                       attribute(NL80211_STA_INFO_RX_BYTES64, raw(told.received)) +
                       attribute(NL80211_STA_INFO_TX_BYTES64, raw(told.sent)) +
                       attribute(NL80211_STA_INFO_SIGNAL, raw(told.signal)) +
                       attribute(NL80211_STA_INFO_TX_BITRATE | NLA_F_NESTED, rate(told.rate_out)) +
                       attribute(NL80211_STA_INFO_RX_BITRATE | NLA_F_NESTED, rate(told.rate_in)) +
                       attribute(NL80211_STA_INFO_RX_PACKETS, raw(told.packets_in)) +
                       attribute(NL80211_STA_INFO_TX_PACKETS, raw(told.packets_out)) +
                       attribute(NL80211_STA_INFO_TX_RETRIES, raw(told.retries)) +
                       attribute(NL80211_STA_INFO_TX_FAILED, raw(told.failed)) +
                       attribute(NL80211_STA_INFO_CONNECTED_TIME, raw(told.connected)) +
                       attribute(NL80211_STA_INFO_BEACON_LOSS, raw(told.losses));
    return attribute(NL80211_ATTR_MAC, address) + attribute(NL80211_ATTR_STA_INFO | NLA_F_NESTED, bytes);
}

// Messages by command and interface.
using Kernel = std::map<std::pair<int, u32>, std::vector<std::string>>;

WifiDump answers_of(const Kernel& kernel) {
    return [&kernel](u8 command, u32 interface, const WifiHandler& handler) -> Result<void> {
        const auto found = kernel.find({command, interface});
        if (found == kernel.end()) return absent("no such thing");
        for (const auto& message : found->second) handler(message);
        return {};
    };
}

const std::string access_point("\xdc\xa6\x32\0\0\1", 6);
const std::string phone("\2\0\0\0\0\x0a", 6);
const std::string laptop("\2\0\0\0\0\x0b", 6);

Kernel example() {
    const auto joined = attribute(NL80211_BSS_STATUS, raw(u32{NL80211_BSS_STATUS_ASSOCIATED}));
    const auto name = element(0, "Home \"Sweet\" Home");
    return {
        {{NL80211_CMD_GET_INTERFACE, 0},
         {interface(3, "wlan0", 5180), interface(0, "", 0), interface(5, "wlan1", 2412)}},
        {{NL80211_CMD_GET_SCAN, 3},
         {network(laptop, element(0, "Neighbour"), ""),
          network(access_point, element(1, "\x82\x84") + name + element(48, "x"), joined)}},
        {{NL80211_CMD_GET_SCAN, 5}, {}},
        {{NL80211_CMD_GET_STATION, 3},
         {station(access_point,
                  {86461, 1250, 5368709127, 123456789, 4000123, 98765, 4333, 3900, -52, 1234, 5, 2})}},
        {{NL80211_CMD_GET_STATION, 5},
         {station(phone, {60, 20, 1000, 2000, 10, 20, 10, 650, -71, 3, 0, 0}),
          station(laptop, {3600, 0, 4294967296, 1, 4294967295, 1, 72058, 540, -30, 0, 0, 0})}},
    };
}

}  // namespace

TEST_CASE("wifi: the same facts give node_exporter's page") {
    const auto text = read_file(PIFLEET_SOURCE_DIR "/tests/conformance/node/wifi/golden.prom");
    REQUIRE(text.has_value());
    REQUIRE(text->starts_with("# node_exporter 1."));
    auto golden = parse(*text);
    std::erase_if(golden.series, [](const auto& entry) { return !entry.first.starts_with("node_wifi_"); });
    std::erase_if(golden.types, [](const auto& entry) { return !entry.first.starts_with("node_wifi_"); });
    const Machine machine;
    const auto kernel = example();
    const auto ours = Probe(make_wifi(answers_of(kernel)))(machine.host());
    CHECK(ours.result);
    CHECK(golden.series.size() > 30);
    CHECK(ours.page.series == golden.series);
    CHECK(ours.page.types == golden.types);
}

TEST_CASE("wifi: what a driver does not tell is left out, not shown as 0") {
    const Machine machine;
    Kernel kernel = {
        {{NL80211_CMD_GET_INTERFACE, 0}, {interface(3, "wlan0", 0)}},
        {{NL80211_CMD_GET_STATION, 3},
         {attribute(NL80211_ATTR_MAC, phone) + attribute(NL80211_ATTR_STA_INFO,
                                                         attribute(NL80211_STA_INFO_RX_BYTES, raw(u32{7})) +
                                                             attribute(NL80211_STA_INFO_SIGNAL, ""))}}};
    const auto got = Probe(make_wifi(answers_of(kernel)))(machine.host());
    CHECK(got.result);
    CHECK(got.page.series ==
          std::map<std::string, double>{
              {"node_wifi_interface_frequency_hertz{device=\"wlan0\"}", 0},
              {"node_wifi_station_receive_bytes_total{device=\"wlan0\",mac_address=\"02:00:00:00:00:0a\"}",
               7}});

    const auto none = Probe(make_wifi(answers_of({})))(machine.host());
    REQUIRE_FALSE(none.result);
    CHECK(none.result.error().kind == Error::Kind::absent);
}

TEST_CASE("wifi: a dump that fails is a failure, and what came before stays") {
    const Machine machine;
    const auto kernel = example();
    const auto good = answers_of(kernel);
    const auto got =
        Probe(make_wifi([&good](u8 command, u32 interface, const WifiHandler& handler) -> Result<void> {
            if (command == NL80211_CMD_GET_SCAN) return failure("netlink: Input/output error");
            return good(command, interface, handler);
        }))(machine.host());
    CHECK_FALSE(got.result);
    CHECK(got.page.count("node_wifi_station_signal_dbm") == 3);
}

TEST_CASE("wifi: messages cut short never lead beyond their bytes") {
    const Machine machine;
    for (const auto& [question, messages] : example()) {
        for (const auto& message : messages) {
            for (std::size_t cut = 0; cut < message.size(); ++cut) {
                const std::vector<char> part(message.begin(), message.begin() + static_cast<long>(cut));
                parse_wifi_interface(part);
                if (const auto found = parse_wifi_network(part)) CHECK(found->mode == "client");
                if (const auto found = parse_wifi_station(part)) CHECK(found->address.size() == 17);
            }
        }
    }
    // An information element that is longer than all of them, and one whose bytes are no UTF-8.
    const auto joined = attribute(NL80211_BSS_STATUS, raw(u32{7}));
    const auto cut = parse_wifi_network(network(phone, std::string("\0\x20Home", 6), joined));
    REQUIRE(cut);
    CHECK(cut->ssid.empty());
    CHECK(cut->mode == "unknown");
    const auto strange = parse_wifi_network(network(phone, element(0, "a\xff"), joined));
    REQUIRE(strange);
    CHECK(strange->ssid == "a\xef\xbf\xbd");
}

TEST_CASE("wifi: asks the running kernel") {
    const Machine machine;
    const auto got = collect("wifi", machine.host());
    if (!got.result) CHECK(got.page.series.empty());
}

}  // namespace pifleet::node::test
