// A way through a proxy to an https origin: CONNECT, over a connection that is open already. Private to
// common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/connection.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace pifleet::http {

/// Sends the head of a CONNECT and waits for the proxy's word; what follows on the connection is the
/// origin's. The connection's own deadline holds. Errors are the bare reason: "the proxy answered with status
/// 407 …".
boost::asio::awaitable<Result<void>> dig_tunnel(Connection& connection,
                                                std::string head,
                                                std::size_t most_answer);

/// What a proxy's answer (its head, up to the empty line) says.
Result<void> tunnel_granted(std::string_view head);

}  // namespace pifleet::http
