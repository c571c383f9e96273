#include "exporters/node/collectors/addresses.hpp"
#include "exporters/node/collectors/link_stats.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <algorithm>

namespace pifleet::node::test {

namespace {

const std::string heading =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
    "carrier compressed\n";

}  // namespace

TEST_CASE("/proc/net/dev is taken apart") {
    const auto links = parse_net_dev(
        "dev",
        heading + "  eth0:1:  1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n lo:0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
    REQUIRE(links.has_value());
    REQUIRE(links->size() == 2);
    CHECK((*links)[0].name == "eth0:1");
    CHECK((*links)[0].counters.multicast == 8);
    CHECK((*links)[0].counters.tx_compressed == 16);
    for (const auto* bad : {"lo: 1 2 3\n",
                            "lo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
                            ": 1\n",
                            "\n",
                            "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
                            "lo: x 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"})
        CHECK_FALSE(parse_net_dev("dev", heading + bad).has_value());
    CHECK_FALSE(parse_net_dev("dev", "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n").has_value());
}

TEST_CASE("devices are chosen by pattern and may carry their alias") {
    Machine machine;
    machine.write(
        "proc/net/dev",
        heading +
            "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    machine.write("sys/class/net/eth0/ifalias", "up\"link\n");
    CHECK(collect("netdev", machine.host()).page.count("node_network_receive_bytes_total") == 2);
    const auto without_lo =
        collect("netdev", machine.host(), {"--collector.netdev.device-exclude=^lo$"}).page;
    CHECK(without_lo.series.size() == 16);
    CHECK(collect("netdev", machine.host(), {"--collector.netdev.device-include=^lo$"}).page.series.size() ==
          16);
    const auto aliased = collect("netdev", machine.host(), {"--collector.netdev.label-ifalias"}).page;
    CHECK(aliased.at("node_network_receive_drop_total{device=\"eth0\",ifalias=\"up\"link\"}") == 4);
    CHECK(aliased.has("node_network_receive_drop_total{device=\"lo\",ifalias=\"\"}"));
    CHECK_FALSE(
        make_error("netdev", {"--collector.netdev.device-include=a", "--collector.netdev.device-exclude=b"})
            .empty());
}

TEST_CASE("this machine's links come by netlink with names and counters") {
    const auto links = read_links_by_netlink();
    if (!links) {
        WARN("netlink is not to be had here: " << links.error().message);
        return;
    }
    const auto lo =
        std::find_if(links->begin(), links->end(), [](const Link& link) { return link.name == "lo"; });
    REQUIRE(lo != links->end());
    CHECK(lo->counters.rx_bytes == lo->counters.tx_bytes);
    const auto page = collect("netdev", Host{}).page;  // a real /proc: by netlink
    CHECK(page.count("node_network_receive_nohandler_total") == links->size());
    CHECK(page.count("node_network_") == 17 * links->size());
    CHECK(collect("netdev", Host{}, {"--collector.netdev.enable-detailed-metrics"})
              .page.count("node_network_") == 24 * links->size());
    CHECK(collect("netdev", Host{}, {"--no-collector.netdev.netlink"}).page.count("node_network_") ==
          16 * links->size());
}

TEST_CASE("addresses have prefix and scope") {
    const auto addresses = read_addresses();
    REQUIRE(addresses.has_value());
    const auto loopback = std::find_if(addresses->begin(), addresses->end(), [](const Address& address) {
        return address.address == "127.0.0.1";
    });
    REQUIRE(loopback != addresses->end());
    CHECK(loopback->device == "lo");
    CHECK(loopback->prefix == "8");
    CHECK(loopback->scope == "link-local");
    CHECK(collect("netdev", Host{}, {"--collector.netdev.address-info"})
              .page.count("node_network_address_info") > 0);
}

}  // namespace pifleet::node::test
