// What the answer of an HTTP receiver means for a batch: one reading for every protocol that goes over HTTP.
#pragma once

#include "common/http/message.hpp"
#include "forwarder/backends/backend.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// Pure. `now` is what a Retry-After that names a date is reckoned from.
Verdict verdict_of(const http::Response& answer, std::chrono::system_clock::time_point now);

/// The beginning of an error's body, on one line: receivers say there which series they refuse.
std::string excerpt(std::string_view body);

}  // namespace pifleet::forwarder
