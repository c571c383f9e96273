// Names to addresses with a deadline. Private to common/http.
#pragma once

#include "common/base/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pifleet::http {

/// The addresses of a host, in the order to try them. Errors are the bare reason: "Name or service not
/// known". getaddrinfo blocks and cannot be stopped (a missing .local name takes 5 s), so it goes to
/// common/base/blocking.hpp: a name that does not answer holds up neither the loop nor the other names.
boost::asio::awaitable<Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
    std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace pifleet::http
