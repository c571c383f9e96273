// What a Raspberry Pi's firmware measures and decides: throttling, temperatures, clocks, voltages.
#pragma once

#include "exporters/node/collectors/rpi_mailbox.hpp"

namespace pifleet::node {

/// With the mailboxes handed in, for questions and for commands, so that a test can play the firmware. Each
/// is opened when it is wanted, and kept.
std::unique_ptr<Collector> make_rpi_firmware(OpenMailbox questions, OpenMailbox commands);

}  // namespace pifleet::node
