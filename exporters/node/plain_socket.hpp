// A client's socket with a deadline for all that it does, for threads that may block (see aside.hpp). Private
// to the collectors that ask a daemon.
#pragma once

#include "common/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pifleet::node {

class PlainSocket {
  public:
    using Deadline = std::chrono::steady_clock::time_point;

    static Result<PlainSocket> to_file(const std::string& path, Deadline deadline);
    /// `kind`: SOCK_STREAM or SOCK_DGRAM. Takes the first of the host's addresses that can be connected to.
    /// Looking up the name does not heed the deadline.
    static Result<PlainSocket> to_host(const std::string& host,
                                       std::uint16_t port,
                                       int kind,
                                       Deadline deadline);

    PlainSocket(PlainSocket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    PlainSocket& operator=(PlainSocket&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~PlainSocket();

    Result<void> send_all(std::string_view bytes, Deadline deadline);
    /// How much came: a datagram, or what there is of a stream; 0 at the end of that.
    Result<std::size_t> receive(std::span<char> into, Deadline deadline);
    /// How many routers a packet may pass.
    Result<void> set_hops(int hops);

  private:
    explicit PlainSocket(int number) : number_(number) {}
    Result<void> wait(short events, Deadline deadline) const;
    Result<void> connect(const void* address, std::size_t size, Deadline deadline);
    int number_;
};

}  // namespace pifleet::node
