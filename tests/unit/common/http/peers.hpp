// The other ends of the HTTP tests: plain sockets that may misbehave in any way, and a Server in a thread of
// its own.
#pragma once

#include "common/http/client.hpp"
#include "common/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace pifleet::http::test {

/// A blocking TCP socket on the loopback; waits at most 5 s for anything.
class Socket {
  public:
    explicit Socket(int descriptor);
    static Socket connect(std::uint16_t port);
    ~Socket();
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&&) = delete;

    bool send(std::string_view text) const;  // false: not all of it, the other side has closed
    std::string read_until(
        std::string_view end) const;  // up to and with `end`, or until the other side closes
    std::string read_answer() const;  // a head and what its Content-Length says
    std::string read_all() const { return read_until({}); }
    bool closed() const;  // the other side has closed: nothing more comes
    void reset();         // closes by RST
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

/// Listens on a free port; each connection is given to `script`, one after the other, and closed after it.
class Peer {
  public:
    explicit Peer(std::function<void(Socket&)> script);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    std::uint16_t port() const { return port_; }
    int accepted() const { return accepted_; }

  private:
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_{0};
    std::thread thread_;
};

/// A Server on an io_context in a thread.
class ServerThread {
  public:
    explicit ServerThread(Handler handler, ServerLimits limits = {});
    ~ServerThread();
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;
    std::uint16_t port() const { return port_; }
    void stop();          // returns at once
    void wait_for_end();  // until the io_context has nothing left to do

  private:
    boost::asio::io_context io_;
    std::optional<Server> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// Runs until the coroutine has ended.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
    std::optional<T> out;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
        thrown = error;
        out = std::move(value);
    });
    io.restart();
    while (!out && io.run_one() > 0) {
    }
    if (thrown) std::rethrow_exception(thrown);
    if (!out) throw std::runtime_error("the coroutine did not end");
    return std::move(*out);
}

/// Keeps what it is told.
class Recorder : public BodySink {
  public:
    Result<void> on_head(const ResponseHead& got) override {
        head = got;
        if (refuse_head) return failure("refused by the sink");
        return {};
    }
    Result<void> on_body(std::string_view piece) override {
        if (piece.size() > largest) largest = piece.size();
        if (refuse_body) return failure("enough");
        body += piece;
        return {};
    }
    ResponseHead head;
    std::string body;
    std::size_t largest = 0;
    bool refuse_head = false;
    bool refuse_body = false;
};

inline Client::Deadline in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

}  // namespace pifleet::http::test
