// What the answer of an HTTP receiver means for a batch: one reading for every protocol that goes over HTTP.
#pragma once

#include "common/http/message.hpp"
#include "forwarder/backends/backend.hpp"

#include <chrono>

namespace pifleet::forwarder {

/// Pure. `now` is what a Retry-After that names a date is reckoned from.
Verdict verdict_of(const http::Response& answer, std::chrono::system_clock::time_point now);

}  // namespace pifleet::forwarder
