#include "peers.hpp"

#include "common/base/text.hpp"

#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pifleet::http::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void require(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

}  // namespace

Socket::Socket(int descriptor) : descriptor_(descriptor) {
    const timeval most{5, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

Socket Socket::connect(std::uint16_t port) {
    Socket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port);
    require(::connect(out.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "connect");
    return out;
}

Socket::~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool Socket::send(std::string_view text) const {
    while (!text.empty()) {
        const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string Socket::read_until(std::string_view end) const {
    std::string out;
    char byte = 0;
    while (end.empty() || !out.ends_with(end)) {
        if (::recv(descriptor_, &byte, 1, 0) != 1) break;
        out += byte;
    }
    return out;
}

std::string Socket::read_answer() const {
    auto out = read_until("\r\n\r\n");
    const auto low = lower(out);
    const auto at = low.find("content-length: ");
    if (at == std::string::npos) return out;
    const auto end = low.find('\r', at);
    const auto size = to_unsigned(std::string_view(low).substr(at + 16, end - at - 16));
    for (std::size_t left = size.value_or(0); left > 0;) {
        char piece[4096];
        const auto got = ::recv(descriptor_, piece, std::min(left, sizeof piece), 0);
        if (got <= 0) break;
        out.append(piece, static_cast<std::size_t>(got));
        left -= static_cast<std::size_t>(got);
    }
    return out;
}

bool Socket::closed() const {
    char byte = 0;
    const auto got = ::recv(descriptor_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
}

void Socket::reset() {
    const linger none{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    ::close(std::exchange(descriptor_, -1));
}

Peer::Peer(std::function<void(Socket&)> script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::signal(SIGPIPE, SIG_IGN);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    require(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0, "bind");
    require(::listen(listener_, 16) == 0, "listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
        for (;;) {
            const int descriptor = ::accept(listener_, nullptr, nullptr);
            if (descriptor < 0) return;  // shut down by the destructor
            ++accepted_;
            Socket socket(descriptor);
            script(socket);
        }
    });
}

Peer::~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

ServerThread::ServerThread(Handler handler, ServerLimits limits) {
    server_.emplace(io_, std::move(handler), limits);
    port_ = server_->listen("127.0.0.1:0").value();
    thread_ = std::thread([this] { io_.run(); });
}

ServerThread::~ServerThread() {
    stop();
    wait_for_end();
}

void ServerThread::stop() {
    boost::asio::post(io_, [this] { server_->stop(); });
}

void ServerThread::wait_for_end() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace pifleet::http::test
