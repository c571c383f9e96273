// What is known of a network device besides its traffic, from rtnetlink or from /sys/class/net.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"
#include "exporters/node/collectors/link_stats.hpp"

#include <array>
#include <optional>
#include <string>

namespace pifleet::node {

/// In the order of net_device_rows.
enum NetDeviceNumber {
    net_address_assign_type,
    net_carrier,
    net_carrier_changes,
    net_carrier_up,
    net_carrier_down,
    net_device_id,
    net_dormant,
    net_flags,
    net_index,
    net_link,
    net_link_mode,
    net_mtu,
    net_name_assign_type,
    net_group,
    net_speed,  // in Mbit/s; below 0: not known
    net_queue_length,
    net_type,
    net_numbers,  // how many there are
};

struct NetDevice {
    std::string name, address, broadcast, duplex, alias, operstate;
    std::array<std::optional<std::int64_t>, net_numbers> numbers;
};

/// From the device's folder under class/net. What the kernel does not tell (the speed of a device that is
/// down) is left out; what is not a number is a failure that names the file, and costs no other.
Result<void> read_net_device(const std::string& folder, NetDevice& device);

/// From a link of an rtnetlink dump, with the values that the files would have. Without the five that only
/// files tell: how address and name were assigned, device id, duplex, speed.
NetDevice net_device_of(const Link& link);

/// The five, or some of them: adds to `device`.
Result<void> read_assignments(const std::string& folder, NetDevice& device);
Result<void> read_speed(const std::string& folder, NetDevice& device);

void add_net_device(const NetDevice& device, bool ignore_invalid_speed, metrics::Page& page);

}  // namespace pifleet::node
