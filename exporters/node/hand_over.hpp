// Going on as another program.
#pragma once

#include "common/base/result.hpp"

#include <string_view>

namespace pifleet::node {

/// The program beside this one, or in /usr/lib/pifleet, whose name has `suffix` at its end takes this process
/// over, with the same arguments, environment, number and open sockets. Returns only with the reason why it
/// could not.
Error hand_over(std::string_view suffix, char** argv);

}  // namespace pifleet::node
