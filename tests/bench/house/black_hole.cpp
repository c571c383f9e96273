#include "tests/bench/house/black_hole.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace pifleet::bench {

namespace {

constexpr int fillers = 4;  // a backlog of 0 has room for one; which of the rest are dropped does not matter

Error system_error(const char* what) {
    return failure(std::string("black hole: ") + what + ": " + std::strerror(errno));
}

}  // namespace

Result<BlackHole> BlackHole::at(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* where = reinterpret_cast<const sockaddr*>(&address);

    BlackHole hole;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return system_error("socket");
    hole.sockets_.push_back(listener);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(listener, where, sizeof address) != 0) return system_error("bind");
    if (::listen(listener, 0) != 0) return system_error("listen");
    for (int i = 0; i < fillers; ++i) {
        const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (filler < 0) return system_error("socket");
        hole.sockets_.push_back(filler);
        if (::connect(filler, where, sizeof address) != 0 && errno != EINPROGRESS)
            return system_error("connect");
    }
    return hole;
}

BlackHole::BlackHole(BlackHole&& other) noexcept : sockets_(std::exchange(other.sockets_, {})) {}

BlackHole::~BlackHole() {
    for (const int socket : sockets_) ::close(socket);
}

}  // namespace pifleet::bench
