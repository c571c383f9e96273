// The protocols that backends can speak.
#pragma once

#include "forwarder/config/protocol.hpp"

#include <span>
#include <string_view>

namespace pifleet::forwarder {

std::span<const Protocol* const> protocols();
/// The protocol of this name, or nullptr.
const Protocol* find_protocol(std::string_view name);

}  // namespace pifleet::forwarder
