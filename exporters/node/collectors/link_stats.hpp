// Counters of the network devices, from the kernel by rtnetlink or from the text of /proc/net/dev.
#pragma once

#include "common/base/result.hpp"

#include <linux/if_link.h>

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::node {

struct Link {
    std::string name;
    rtnl_link_stats64 counters{};
};

/// Every link of this network namespace. Fails where netlink sockets are not allowed.
Result<std::vector<Link>> read_links_by_netlink();

/// The same from the text of /proc/net/dev. The file has sums: of dropped and missed in rx_dropped, of all
/// frame errors in rx_frame_errors, of all carrier errors in tx_carrier_errors; and nothing of rx_nohandler.
Result<std::vector<Link>> parse_net_dev(const std::string& path, std::string_view text);

}  // namespace pifleet::node
