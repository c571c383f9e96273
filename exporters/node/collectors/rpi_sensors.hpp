// A Raspberry Pi's fan, the battery of its clock and its power-over-Ethernet hat.
#pragma once

#include "exporters/node/collectors/rpi_mailbox.hpp"

namespace pifleet::node {

/// With the mailbox handed in, so that a test can play the firmware; it is opened when sysfs does not tell
/// the battery's voltage.
std::unique_ptr<Collector> make_rpi_sensors(OpenMailbox open);

}  // namespace pifleet::node
