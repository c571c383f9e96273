// What a database's SQLSTATE means for the batch.
#pragma once

#include "forwarder/backends/backend.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// Of a failure. An empty state: the server could not be reached, or broke off.
Verdict verdict_of_sqlstate(std::string_view state, std::string reason);

}  // namespace pifleet::forwarder
