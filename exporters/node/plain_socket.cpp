#include "exporters/node/plain_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace pifleet::node {

namespace {

Error system_failure(int code) {
    return failure(std::strerror(code));
}

int open_socket(int family, int kind) {
    return ::socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

}  // namespace

PlainSocket::~PlainSocket() {
    if (number_ >= 0) ::close(number_);
}

Result<void> PlainSocket::wait(short events, Deadline deadline) const {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd entry{number_, events, 0};
        const int ready =
            ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
        if (ready > 0) return {};
        if (ready == 0) return failure("no answer in time");
        if (errno != EINTR) return system_failure(errno);
    }
}

Result<void> PlainSocket::connect(const void* address, std::size_t size, Deadline deadline) {
    if (::connect(number_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0)
        return {};
    // A file's socket whose queue is full says EAGAIN and cannot be waited for.
    if (errno != EINPROGRESS) return system_failure(errno);
    if (const auto ready = wait(POLLOUT, deadline); !ready) return ready;
    int code = 0;
    socklen_t length = sizeof code;
    ::getsockopt(number_, SOL_SOCKET, SO_ERROR, &code, &length);
    return code == 0 ? Result<void>() : system_failure(code);
}

Result<PlainSocket> PlainSocket::to_file(const std::string& path, Deadline deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failure("the path is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    PlainSocket socket(open_socket(AF_UNIX, SOCK_STREAM));
    if (socket.number_ < 0) return system_failure(errno);
    if (const auto done = socket.connect(&address, sizeof address, deadline); !done) return done.error();
    return socket;
}

Result<PlainSocket> PlainSocket::to_host(const std::string& host,
                                         std::uint16_t port,
                                         int kind,
                                         Deadline deadline) {
    addrinfo wanted{};
    wanted.ai_socktype = kind;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (code != 0) return failure(code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, ::freeaddrinfo);
    Error why = failure("it has no address");
    for (const auto* each = found; each != nullptr; each = each->ai_next) {
        PlainSocket socket(open_socket(each->ai_family, kind));
        if (socket.number_ < 0) {
            why = system_failure(errno);
            continue;
        }
        const auto done = socket.connect(each->ai_addr, each->ai_addrlen, deadline);
        if (done) return socket;
        why = done.error();
    }
    return why;
}

Result<void> PlainSocket::send_all(std::string_view bytes, Deadline deadline) {
    while (!bytes.empty()) {
        const auto sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN) {
            if (const auto ready = wait(POLLOUT, deadline); !ready) return ready;
        } else if (errno != EINTR)
            return system_failure(errno);
    }
    return {};
}

Result<std::size_t> PlainSocket::receive(std::span<char> into, Deadline deadline) {
    for (;;) {
        const auto came = ::recv(number_, into.data(), into.size(), 0);
        if (came >= 0) return static_cast<std::size_t>(came);
        if (errno == EAGAIN) {
            if (const auto ready = wait(POLLIN, deadline); !ready) return ready.error();
        } else if (errno != EINTR)
            return system_failure(errno);
    }
}

Result<void> PlainSocket::set_hops(int hops) {
    int family = 0;
    socklen_t length = sizeof family;
    ::getsockopt(number_, SOL_SOCKET, SO_DOMAIN, &family, &length);
    const bool six = family == AF_INET6;
    if (::setsockopt(
            number_, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_UNICAST_HOPS : IP_TTL, &hops, sizeof hops) !=
        0)
        return system_failure(errno);
    return {};
}

}  // namespace pifleet::node
