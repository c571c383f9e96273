// Unicast routes of all tables, by rtnetlink(7): always this machine's, whatever the root folders say.
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_network_route_info", Type::gauge, "The routes."};
constexpr Family routes{"node_network_routes", Type::gauge, "Routes over the device."};

struct Protocol {
    unsigned char number;
    std::string_view name;
};

// Who made the route (linux/rtnetlink.h), spelled as dashboards know them.
constexpr Protocol protocols[] = {
    {0, "unspec"}, {1, "redirect"}, {2, "kernel"},   {3, "boot"},   {4, "static"},    {8, "gated"},
    {9, "ra"},     {10, "mrt"},     {11, "zebra"},   {12, "bird"},  {13, "dnrouted"}, {14, "xorp"},
    {15, "ntk"},   {16, "dhcp"},    {17, "mrouted"}, {42, "babel"}, {186, "bgp"},     {187, "isis"},
    {188, "ospf"}, {189, "rip"},    {192, "eigrp"},
};

std::string_view protocol_name(unsigned char number) {
    for (const auto& protocol : protocols)
        if (protocol.number == number) return protocol.name;
    return "unknown";
}

// Four or sixteen bytes as an address; empty for anything else.
std::string address_text(std::span<const char> bytes) {
    char text[INET6_ADDRSTRLEN] = "";
    if (bytes.size() == 4) ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    if (bytes.size() == 16) ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
    return text;
}

struct Hop {
    unsigned device = 0;
    std::span<const char> gateway;
    std::string weight;
};

struct Route {
    std::span<const char> source, destination;
    std::uint32_t priority = 0;
    std::vector<Hop> hops;
};

std::span<const char> gateway_of(std::span<const char> attributes) {
    for (NetlinkAttribute attribute; next_attribute(attributes, attribute);)
        if (attribute.type == RTA_GATEWAY) return attribute.payload;
    return {};
}

std::vector<Hop> parse_hops(std::span<const char> payload) {
    std::vector<Hop> hops;
    while (payload.size() >= sizeof(rtnexthop)) {
        rtnexthop header;
        std::memcpy(&header, payload.data(), sizeof header);
        if (header.rtnh_len < sizeof header || header.rtnh_len > payload.size()) break;
        const auto attributes = payload.subspan(sizeof header, header.rtnh_len - sizeof header);
        hops.push_back({static_cast<unsigned>(header.rtnh_ifindex),
                        gateway_of(attributes),
                        std::to_string(header.rtnh_hops + 1)});
        payload = payload.subspan(std::min<std::size_t>(RTNH_ALIGN(header.rtnh_len), payload.size()));
    }
    return hops;
}

Route parse_route(std::span<const char> attributes) {
    Route route;
    Hop single;
    for (NetlinkAttribute attribute; next_attribute(attributes, attribute);) {
        if (attribute.type == RTA_PREFSRC) route.source = attribute.payload;
        if (attribute.type == RTA_DST) route.destination = attribute.payload;
        if (attribute.type == RTA_PRIORITY) route.priority = attribute.number();
        if (attribute.type == RTA_GATEWAY) single.gateway = attribute.payload;
        if (attribute.type == RTA_OIF) single.device = attribute.number();
        if (attribute.type == RTA_MULTIPATH) route.hops = parse_hops(attribute.payload);
    }
    if (route.hops.empty()) route.hops.push_back(single);
    return route;
}

// In the order of the labels: dest, device, gw, priority, proto, src, weight. A set, as the same route may
// stand in several tables.
using LabelValues = std::array<std::string, 7>;
constexpr std::string_view label_names[] = {"dest", "device", "gw", "priority", "proto", "src", "weight"};

class Table {
  public:
    void add(const rtmsg& header, const Route& route) {
        const auto destination = header.rtm_dst_len == 0 ? std::string("default")
                                                         : address_text(route.destination) + "/" +
                                                               std::to_string(header.rtm_dst_len);
        for (const auto& hop : route.hops) {
            const auto& device = device_name(hop.device);
            ++counts_[device];
            rows_.insert({destination,
                          device,
                          address_text(hop.gateway),
                          std::to_string(route.priority),
                          std::string(protocol_name(header.rtm_protocol)),
                          address_text(route.source),
                          hop.weight});
        }
    }

    void show(metrics::Page& page) const {
        for (const auto& row : rows_) {
            std::array<metrics::Label, std::size(label_names)> labels;
            for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = {label_names[i], row[i]};
            page.add(info, labels, 1);
        }
        for (const auto& [device, count] : counts_)
            page.add(routes, {{"device", device}}, static_cast<double>(count));
    }

  private:
    // Empty for a route without a device.
    const std::string& device_name(unsigned number) {
        const auto [device, unknown] = names_.try_emplace(number);
        char name[IF_NAMESIZE];
        if (unknown && number != 0 && ::if_indextoname(number, name) != nullptr)
            device->second = valid_utf8(name);
        return device->second;
    }

    std::map<unsigned, std::string> names_;
    std::map<std::string, std::uint64_t> counts_;
    std::set<LabelValues> rows_;
};

class NetworkRoute final : public Collector {
    Result<void> collect(const Host&, metrics::Page& page) override {
        Table table;
        const rtmsg request{};
        const auto dumped = netlink_dump(
            NETLINK_ROUTE, RTM_GETROUTE, bytes_of(request), "routes", [&](std::uint16_t type, auto payload) {
                rtmsg header{};
                if (type != RTM_NEWROUTE || !take_struct(payload, header) || header.rtm_type != RTN_UNICAST)
                    return;
                table.add(header, parse_route(payload));
            });
        if (dumped) table.show(page);
        return dumped;
    }
};

}  // namespace

extern const CollectorKind network_route_kind;
constinit const CollectorKind network_route_kind{
    "network_route", false, "routes", {}, make_collector<NetworkRoute>};

}  // namespace pifleet::node
