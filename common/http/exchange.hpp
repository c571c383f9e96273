// One request and its answer over an open connection. Private to common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

namespace pifleet::http {

struct Terms {
    std::string head;  // what to send before the body, see request_head()
    std::chrono::steady_clock::time_point began;
    Client::Deadline deadline;
    std::size_t header_bytes;  // of all heads of the answer together, interim ones too
    std::size_t body_bytes;    // decoded
};

struct Outcome {
    Result<ResponseHead> result;
    bool keep = false;        // the connection is good for another request
    bool unanswered = false;  // the peer closed before it said anything
};

/// The references must live until it returns.
boost::asio::awaitable<Outcome> exchange(Connection& connection,
                                         const Request& request,
                                         const Terms& terms,
                                         BodySink& sink);

}  // namespace pifleet::http
