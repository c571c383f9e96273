#include "common/base/text.hpp"
#include "exporters/node/collectors/link_stats.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using Counter = __u64 rtnl_link_stats64::*;

// Receive, then transmit, as the file's second line heads them.
constexpr Counter columns[] = {
    &rtnl_link_stats64::rx_bytes,
    &rtnl_link_stats64::rx_packets,
    &rtnl_link_stats64::rx_errors,
    &rtnl_link_stats64::rx_dropped,
    &rtnl_link_stats64::rx_fifo_errors,
    &rtnl_link_stats64::rx_frame_errors,
    &rtnl_link_stats64::rx_compressed,
    &rtnl_link_stats64::multicast,
    &rtnl_link_stats64::tx_bytes,
    &rtnl_link_stats64::tx_packets,
    &rtnl_link_stats64::tx_errors,
    &rtnl_link_stats64::tx_dropped,
    &rtnl_link_stats64::tx_fifo_errors,
    &rtnl_link_stats64::collisions,
    &rtnl_link_stats64::tx_carrier_errors,
    &rtnl_link_stats64::tx_compressed,
};

}  // namespace

Result<std::vector<Link>> parse_net_dev(const std::string& path, std::string_view text) {
    const auto heading = next_line(text);
    if (!heading.starts_with("Inter-|")) return failure(path + " does not begin with the kernel's heading");
    next_line(text);
    std::vector<Link> links;
    while (!text.empty()) {
        auto line = next_line(text);
        const auto colon = line.rfind(':');  // a name may have colons itself
        const auto name = trim(line.substr(0, colon));
        if (colon == std::string_view::npos || name.empty())
            return failure(path + ": a line names no device");
        line.remove_prefix(colon + 1);
        auto& link = links.emplace_back(Link{std::string(name), {}});
        for (const auto column : columns) {
            const auto word = next_word(line);
            const auto value = to_unsigned(word);
            if (!value) return not_a_number(path, word);
            link.counters.*column = *value;
        }
        if (!next_word(line).empty())
            return failure(path + ": the line of " + link.name + " has more than 16 numbers");
    }
    return links;
}

}  // namespace pifleet::node
