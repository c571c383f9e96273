// What the Raspberry Pi's collectors share: whether this is one, and its sensor chips by their drivers'
// names.
#pragma once

#include "exporters/node/collector.hpp"

#include <string>
#include <string_view>

namespace pifleet::node {

/// "Raspberry Pi 5 Model B Rev 1.0" from the device tree; empty on any other machine.
std::string raspberry_model(const Host& host);

/// The folder under class/hwmon whose driver has this name ("pwmfan"); empty when there is none.
std::string chip_folder(const Host& host, std::string_view driver);

}  // namespace pifleet::node
