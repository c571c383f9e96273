// One RTM_GETLINK dump (rtnetlink(7)).
#include "exporters/node/collectors/link_stats.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cstring>

namespace pifleet::node {

Result<std::vector<Link>> read_links_by_netlink() {
    std::vector<Link> links;
    const ifinfomsg request{};
    const auto dumped = netlink_dump(
        NETLINK_ROUTE, RTM_GETLINK, bytes_of(request), "links", [&links](std::uint16_t type, auto payload) {
            ifinfomsg header{};
            if (type != RTM_NEWLINK || !take_struct(payload, header)) return;
            Link link;
            bool counted = false;
            for (NetlinkAttribute attribute; next_attribute(payload, attribute);) {
                if (attribute.type == IFLA_IFNAME) link.name = attribute.text();
                if (attribute.type != IFLA_STATS64) continue;
                // Kernels differ in how many counters stand at the end.
                const auto size = std::min(attribute.payload.size(), sizeof link.counters);
                std::memcpy(&link.counters, attribute.payload.data(), size);
                counted = true;
            }
            if (counted && !link.name.empty()) links.push_back(std::move(link));
        });
    if (!dumped) return dumped.error();
    return links;
}

}  // namespace pifleet::node
