// Counters of the network devices, from the kernel by rtnetlink or from the text of /proc/net/dev.
#pragma once

#include "common/base/result.hpp"

#include <linux/if_link.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct Link {
    std::string name;
    rtnl_link_stats64 counters{};
    // What else a dump of rtnetlink tells; /proc/net/dev has nothing of it.
    std::string address{}, broadcast{};  // "dc:a6:32:01:02:03"; empty where there is none
    std::string alias{};                 // as somebody typed it
    unsigned index = 0;
    std::optional<unsigned> lower{};  // the number of the device beneath it
    unsigned type = 0, flags = 0, promiscuity = 0, mtu = 0, queue_length = 0, group = 0;
    unsigned carrier_changes = 0, carrier_up = 0, carrier_down = 0;
    unsigned operstate = 0, link_mode = 0, carrier = 0;
};

/// Every link of this network namespace. Fails where netlink sockets are not allowed.
Result<std::vector<Link>> read_links_by_netlink();

/// The same from the text of /proc/net/dev. The file has sums: of dropped and missed in rx_dropped, of all
/// frame errors in rx_frame_errors, of all carrier errors in tx_carrier_errors; and nothing of rx_nohandler.
Result<std::vector<Link>> parse_net_dev(const std::string& path, std::string_view text);

}  // namespace pifleet::node
