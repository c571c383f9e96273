// What a series is called where a number is wanted: a key in a database, or of a record in a queue.
#pragma once

#include "common/metrics/model.hpp"

#include <cstdint>
#include <string_view>

namespace pifleet::forwarder {

/// The same for the same labels (sorted by name) on every machine.
std::int64_t series_number(metrics::Labels labels);

/// The value of __name__, or nothing.
std::string_view name_of(metrics::Labels labels);

}  // namespace pifleet::forwarder
