// An HTTP/1.1 server on the program's io_context: keep-alive, a time limit on every step, size limits, gzip.
#pragma once

#include "common/base/result.hpp"
#include "common/http/message.hpp"
#include "common/http/tls_engine.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace pifleet::http {

struct ServerLimits {
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 64 * 1024;
    std::size_t connections = 128;            // one more is answered 503 and closed
    std::chrono::milliseconds read{10'000};   // for a new connection's first byte; then for a whole request
    std::chrono::milliseconds head{0};        // the same but for a request's head alone; 0: as `read`
    std::chrono::milliseconds write{30'000};  // for a whole response
    std::chrono::milliseconds idle{300'000};  // between requests of a kept connection
};

/// Called on the io_context. What it throws becomes a 500 and a log line.
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

/// Owns its sockets and connections. HEAD is answered as GET without the body.
class Server {
  public:
    /// With a `tls`, every connection must begin by a TLS handshake. It is called on the io_context.
    Server(boost::asio::io_context& io, Handler handler, ServerLimits limits = {}, TlsMaker tls = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Listens on "host:port"; may be called several times. ":9100" is every address, IPv6 and IPv4.
    /// Port 0 takes a free one. Gives the port. The error names the address and, for a taken port, says so.
    Result<std::uint16_t> listen(const std::string& address);

    /// Takes over a socket that listens already (systemd's). Gives its address, or why it is of no use.
    Result<std::string> listen_on(int descriptor);

    /// Takes no more connections, lets answers under way finish, closes idle connections at once.
    void stop();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace pifleet::http
