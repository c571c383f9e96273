// Who listens on a port: so that "the port is in use" can name the program.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace pifleet::http {

/// "prometheus, process 1234": the listener that stands in the way of this address. Empty when none is found
/// or its files are not ours to read. Reads /proc, so for error messages only.
std::string port_holder(const boost::asio::ip::tcp::endpoint& wanted);

}  // namespace pifleet::http
