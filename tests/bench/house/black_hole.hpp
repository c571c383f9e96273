// A port whose connections are never answered: a listener with no room in its backlog, so that the kernel
// drops what asks for a connection.
#pragma once

#include "common/base/result.hpp"

#include <cstdint>
#include <vector>

namespace pifleet::bench {

class BlackHole {
  public:
    /// On 127.0.0.1. The port must be free. It ends with the object.
    static Result<BlackHole> at(std::uint16_t port);

    BlackHole(BlackHole&& other) noexcept;
    BlackHole& operator=(BlackHole&&) = delete;
    ~BlackHole();

  private:
    BlackHole() = default;
    std::vector<int> sockets_;  // the listener, and what fills it
};

}  // namespace pifleet::bench
