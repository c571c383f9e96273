// One connection of the server: reads requests, writes answers, each within its time. Private to common/http.
#pragma once

#include "common/http/message.hpp"
#include "common/http/server.hpp"
#include "common/http/tls_engine.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace pifleet::http {

class Session {
  public:
    /// `tls` is null for a connection in plain text.
    Session(boost::asio::ip::tcp::socket socket, const ServerLimits& limits, std::unique_ptr<TlsEngine> tls);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Before anything else. False: the client cannot or will not speak TLS as it must here.
    boost::asio::awaitable<bool> shake_hands();

    /// Waits until a request begins. False: the client has closed, or nothing came in time.
    boost::asio::awaitable<bool> wait(std::chrono::milliseconds patience);

    struct Incoming {
        Request request;
        unsigned version = 11;  // 10 or 11
        bool keep = true;       // the client does not ask to close
    };
    /// One whole request. Nothing: the client has gone or was too slow, or has been told what is wrong.
    boost::asio::awaitable<std::optional<Incoming>> read();

    /// Head and, unless left out, body, all within the time for a response. False: it could not be sent, or
    /// its end can only be told by closing.
    boost::asio::awaitable<bool> write(const Response& response,
                                       unsigned version,
                                       bool keep,
                                       bool with_body = true);

    /// An answer of its own, behind which the connection is closed.
    boost::asio::awaitable<void> refuse(unsigned status);

    /// Ends the connection so that the last answer is not lost.
    boost::asio::awaitable<void> farewell();

    /// Ends what is under way at once.
    void close();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pifleet::http
