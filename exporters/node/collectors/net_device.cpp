#include "exporters/node/collectors/net_device.hpp"

#include "common/base/files.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

#include <linux/if.h>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr double megabit = 125'000;  // bytes

constexpr FileRow rows[] = {
    {"addr_assign_type",
     {"node_network_address_assign_type", Type::gauge, "Where the hardware address is from; 0: the device."}},
    {"carrier", {"node_network_carrier", Type::gauge, "Whether there is a link."}},
    {"carrier_changes",
     {"node_network_carrier_changes_total", Type::counter, "How often the link came or went."}},
    {"carrier_up_count",
     {"node_network_carrier_up_changes_total", Type::counter, "How often the link came."}},
    {"carrier_down_count",
     {"node_network_carrier_down_changes_total", Type::counter, "How often the link went."}},
    {"dev_id", {"node_network_device_id", Type::gauge, "Tells devices apart that share an address."}},
    {"dormant",
     {"node_network_dormant", Type::gauge, "Whether the device waits for something, like a login."}},
    {"flags", {"node_network_flags", Type::gauge, "The device's flags as a number."}},
    {"ifindex", {"node_network_iface_id", Type::gauge, "The device's number."}},
    {"iflink", {"node_network_iface_link", Type::gauge, "The number of the device beneath it, or its own."}},
    {"link_mode",
     {"node_network_iface_link_mode", Type::gauge, "1: the link must be confirmed by a program."}},
    {"mtu", {"node_network_mtu_bytes", Type::gauge, "The largest packet."}},
    {"name_assign_type", {"node_network_name_assign_type", Type::gauge, "Where the name is from."}},
    {"netdev_group", {"node_network_net_dev_group", Type::gauge, "The group that the device is in."}},
    {"speed", {"node_network_speed_bytes", Type::gauge, "Speed of the link in bytes a second."}, megabit},
    {"tx_queue_len",
     {"node_network_transmit_queue_length", Type::gauge, "Packets that may wait to be sent."}},
    {"type", {"node_network_protocol_type", Type::gauge, "What kind of hardware it is (ARPHRD)."}},
};
static_assert(std::size(rows) == net_numbers);

constexpr Family up{"node_network_up", Type::gauge, "Whether the device is up and can carry traffic."};
constexpr Family info{"node_network_info", Type::gauge, "Addresses and states of the device."};

constexpr const char* states[] = {
    "unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"};  // RFC 2863

Result<void> read_number(const std::string& folder, NetDeviceNumber which, NetDevice& device) {
    const auto path = folder + "/" + std::string(rows[which].file);
    const auto text = read_line(path);
    if (!text) return {};  // many are refused while the device is down
    const auto value = parse_file_number(*text);
    if (!value) return not_a_number(path, *text);
    device.numbers[which] = static_cast<std::int64_t>(*value);
    return {};
}

std::string text_of(const std::string& folder, const char* file) {
    return valid_utf8(line_if_any(folder + "/" + file));
}

}  // namespace

Result<void> read_net_device(const std::string& folder, NetDevice& device) {
    device.address = text_of(folder, "address");
    device.broadcast = text_of(folder, "broadcast");
    device.duplex = text_of(folder, "duplex");
    device.alias = text_of(folder, "ifalias");
    device.operstate = text_of(folder, "operstate");
    Result<void> result;
    for (int which = 0; which < net_numbers; ++which)
        note(result, read_number(folder, static_cast<NetDeviceNumber>(which), device));
    return result;
}

Result<void> read_assignments(const std::string& folder, NetDevice& device) {
    Result<void> result;
    for (const auto which : {net_address_assign_type, net_name_assign_type, net_device_id})
        note(result, read_number(folder, which, device));
    return result;
}

Result<void> read_speed(const std::string& folder, NetDevice& device) {
    device.duplex = text_of(folder, "duplex");
    return read_number(folder, net_speed, device);
}

NetDevice net_device_of(const Link& link) {
    NetDevice device{valid_utf8(link.name), link.address, link.broadcast, {}, valid_utf8(link.alias), {}, {}};
    auto& numbers = device.numbers;
    const bool running = (link.flags & IFF_UP) != 0;
    device.operstate = running && link.operstate < std::size(states) ? states[link.operstate] : "down";
    if (running) {
        numbers[net_carrier] = link.carrier;
        numbers[net_dormant] = (link.flags & IFF_DORMANT) != 0 ? 1 : 0;
    }
    // The files have the flags that were set, not what the link does, and whether anybody listens to all.
    auto flags = link.flags & ~static_cast<unsigned>(IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT);
    if (link.promiscuity != 0) flags |= IFF_PROMISC;
    numbers[net_flags] = flags;
    numbers[net_carrier_changes] = link.carrier_changes;
    numbers[net_carrier_up] = link.carrier_up;
    numbers[net_carrier_down] = link.carrier_down;
    numbers[net_index] = link.index;
    numbers[net_link] = link.lower.value_or(link.index);
    numbers[net_link_mode] = link.link_mode;
    numbers[net_mtu] = link.mtu;
    numbers[net_group] = link.group;
    numbers[net_queue_length] = link.queue_length;
    numbers[net_type] = link.type;
    return device;
}

void add_net_device(const NetDevice& device, bool ignore_invalid_speed, metrics::Page& page) {
    const metrics::Label label{"device", device.name};
    const auto& flags = device.numbers[net_flags];
    const std::string_view admin = !flags ? "unknown" : (*flags & IFF_UP) != 0 ? "up" : "down";
    page.add(up, {label}, device.operstate == "up" ? 1 : 0);
    page.add(info,
             {{"address", device.address},
              {"adminstate", admin},
              {"broadcast", device.broadcast},
              label,
              {"duplex", device.duplex},
              {"ifalias", device.alias},
              {"operstate", device.operstate}},
             1);
    for (std::size_t i = 0; i < net_numbers; ++i) {
        const auto& number = device.numbers[i];
        if (!number || (i == net_speed && *number < 0 && ignore_invalid_speed)) continue;
        page.add(rows[i].family, {label}, static_cast<double>(*number) * rows[i].scale);
    }
}

}  // namespace pifleet::node
