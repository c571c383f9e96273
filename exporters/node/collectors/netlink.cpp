// One RTM_GETLINK dump (rtnetlink(7)).
#include "exporters/node/collectors/link_stats.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace pifleet::node {

namespace {

std::string text_of(std::span<const char> payload) {
    return {payload.begin(), std::find(payload.begin(), payload.end(), '\0')};
}

// Of one byte or four, as the attribute has it.
unsigned number_of(std::span<const char> payload) {
    std::uint32_t value = 0;
    if (payload.size() >= sizeof value)
        std::memcpy(&value, payload.data(), sizeof value);
    else if (!payload.empty())
        value = static_cast<unsigned char>(payload.front());
    return value;
}

struct NumberRow {
    unsigned attribute;
    unsigned Link::*field;
};
constexpr NumberRow number_rows[] = {
    {IFLA_PROMISCUITY, &Link::promiscuity},
    {IFLA_MTU, &Link::mtu},
    {IFLA_TXQLEN, &Link::queue_length},
    {IFLA_GROUP, &Link::group},
    {IFLA_CARRIER_CHANGES, &Link::carrier_changes},
    {IFLA_CARRIER_UP_COUNT, &Link::carrier_up},
    {IFLA_CARRIER_DOWN_COUNT, &Link::carrier_down},
    {IFLA_OPERSTATE, &Link::operstate},
    {IFLA_LINKMODE, &Link::link_mode},
    {IFLA_CARRIER, &Link::carrier},
};

void add_attribute(unsigned type, std::span<const char> payload, Link& link) {
    if (type == IFLA_IFNAME) link.name = text_of(payload);
    if (type == IFLA_IFALIAS) link.alias = text_of(payload);
    if (type == IFLA_ADDRESS) link.address = hardware_address(payload);
    if (type == IFLA_BROADCAST) link.broadcast = hardware_address(payload);
    if (type == IFLA_LINK) link.lower = number_of(payload);
    for (const auto& row : number_rows)
        if (row.attribute == type) link.*row.field = number_of(payload);
}

}  // namespace

Result<std::vector<Link>> read_links_by_netlink() {
    std::vector<Link> links;
    const ifinfomsg request{};
    const auto dumped = netlink_dump(
        NETLINK_ROUTE, RTM_GETLINK, bytes_of(request), "links", [&links](std::uint16_t type, auto payload) {
            ifinfomsg header{};
            if (type != RTM_NEWLINK || !take_struct(payload, header)) return;
            Link link;
            link.index = static_cast<unsigned>(header.ifi_index);
            link.type = header.ifi_type;
            link.flags = header.ifi_flags;
            bool counted = false;
            for (NetlinkAttribute each; next_attribute(payload, each);) {
                add_attribute(each.type, each.payload, link);
                if (each.type != IFLA_STATS64) continue;
                // Kernels differ in how many counters stand at the end.
                const auto size = std::min(each.payload.size(), sizeof link.counters);
                std::memcpy(&link.counters, each.payload.data(), size);
                counted = true;
            }
            if (counted && !link.name.empty()) links.push_back(std::move(link));
        });
    if (!dumped) return dumped.error();
    return links;
}

}  // namespace pifleet::node
