// One TCP connection, with TLS or without: opened step by step within its limits. For common/http, and for
// protocols that are no HTTP.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace pifleet::http {

struct Destination {
    const Url& origin;
    const ClientOptions& options;
    const Url* proxy;                                // null: directly
    std::shared_ptr<boost::asio::ssl::context> tls;  // for https
};

class Connection {
  public:
    using Deadline = Client::Deadline;
    struct Read {
        boost::system::error_code error;
        std::size_t size = 0;
    };

    /// Resolves, connects (each address in turn), has a proxy dig a tunnel for https and shakes hands. Errors
    /// say which of these failed. The references must live until it returns.
    static boost::asio::awaitable<Result<std::unique_ptr<Connection>>> open(
        boost::asio::any_io_executor executor, const Destination& destination, Deadline deadline);
    ~Connection();

    /// Holds for every read and write from now on; one that comes too late fails, see timed_out().
    void expires_at(Deadline deadline);
    /// Until expires_at() comes again nothing is read or written, and the loop need not wait for this one.
    void rest();
    /// Waits until there is something to read, or the end; a connection that waits here holds no buffer. When
    /// there is nothing at once, little that comes may lie for as long as `rest`.
    boost::asio::awaitable<boost::system::error_code> readable(std::chrono::milliseconds rest = {});
    boost::asio::awaitable<Read> read_some(boost::asio::mutable_buffer space);
    boost::asio::awaitable<boost::system::error_code> write(std::string_view head, std::string_view body);

    /// Whether the peer has closed a connection that nobody was using, as far as can be told without waiting.
    bool closed_meanwhile();

    /// Whether the peer has closed or reset its side, bytes that wait to be read or not.
    bool peer_has_closed() const;
    /// Bytes that were written and that the peer's machine has not acknowledged.
    std::size_t unacknowledged() const;

    /// An error of this connection in words.
    std::string reason(const boost::system::error_code& error) const;

  private:
    struct Impl;
    explicit Connection(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;  // its timer looks whether it still lives
};

bool timed_out(const boost::system::error_code& error);
/// The peer closed or reset the connection.
bool hung_up(const boost::system::error_code& error);

}  // namespace pifleet::http
