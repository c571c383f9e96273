// Listening sockets from an address as people write it. Private to common/http.
#pragma once

#include "common/base/result.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace pifleet::http {

/// Listens on "host:port" or ":port" (every address, IPv6 and IPv4). A name is resolved at once, its IPv4
/// address preferred. Errors name the address, and for a taken port who has it.
Result<boost::asio::ip::tcp::acceptor> open_acceptor(boost::asio::io_context& io, const std::string& address);

/// Takes over a TCP socket that listens already. The descriptor is ours from here on, also after an error.
Result<boost::asio::ip::tcp::acceptor> adopt_acceptor(boost::asio::io_context& io, int descriptor);

}  // namespace pifleet::http
