// sd_notify(3) and sd_listen_fds(3) without libsystemd: one datagram to the socket that $NOTIFY_SOCKET names;
// $LISTEN_FDS descriptors from the third on.
#include "common/base/text.hpp"
#include "common/process/run.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pifleet::process {

namespace asio = boost::asio;

namespace {

// Half the watchdog's time, or zero when there is none for this process.
std::chrono::microseconds watchdog_beat() {
    const char* limit = std::getenv("WATCHDOG_USEC");
    const char* process = std::getenv("WATCHDOG_PID");
    const auto microseconds = to_int(limit == nullptr ? "" : limit);
    const bool ours = process == nullptr || to_int(process) == ::getpid();
    if (!microseconds || *microseconds <= 0 || !ours) return {};
    return std::chrono::microseconds(*microseconds / 2);
}

void beat(const std::shared_ptr<asio::steady_timer>& timer, std::chrono::microseconds interval) {
    timer->expires_after(interval);
    timer->async_wait([timer, interval](const boost::system::error_code& error) {
        if (error) return;
        notify_systemd("WATCHDOG=1");
        beat(timer, interval);
    });
}

}  // namespace

void notify_systemd(std::string_view state) {
    const char* name = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t length = name == nullptr ? 0 : std::strlen(name);
    if (length < 2 || length >= sizeof address.sun_path) return;
    if (name[0] != '/' && name[0] != '@') return;
    std::memcpy(address.sun_path, name, length);
    if (name[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace

    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    // Nothing to be done where systemd does not listen: it will notice by itself.
    static_cast<void>(::sendto(socket,
                               state.data(),
                               state.size(),
                               MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address),
                               static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length)));
    ::close(socket);
}

std::vector<int> sockets_of_systemd() {
    constexpr int first = 3;
    constexpr std::int64_t most = 64;
    const char* process = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    if (process == nullptr || to_int(process) != ::getpid()) return {};
    const auto given = to_int(count == nullptr ? "" : count);
    std::vector<int> out;
    for (int i = 0; given && i < std::min(*given, most); ++i) {
        ::fcntl(first + i, F_SETFD, FD_CLOEXEC);
        out.push_back(first + i);
    }
    return out;
}

void notify_ready(asio::io_context& io) {
    notify_systemd("READY=1");
    const auto interval = watchdog_beat();
    if (interval.count() > 0) beat(std::make_shared<asio::steady_timer>(io), interval);
}

}  // namespace pifleet::process
