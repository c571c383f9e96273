#include "exporters/node/netlink_dump.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace pifleet::node {

namespace {

constexpr std::size_t packet_size = 32 * 1024;  // what the kernel fills at most when it is offered that much

struct Socket {
    explicit Socket(int protocol) : number(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (number >= 0) ::close(number);
    }
    int number;
};

Error netlink_error(std::string_view what, int code) {
    const auto text = "netlink: cannot list the " + std::string(what) + ": " + std::strerror(code);
    const bool unknown = code == EOPNOTSUPP || code == ENODEV || code == ENOENT;
    return unknown ? absent(text) : failure(text);
}

bool send_request(int socket, std::uint16_t type, std::span<const char> body) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(body.size()));
    header.nlmsg_type = type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header.nlmsg_seq = 1;
    // The kernel answers at once; a limit costs nothing and a scrape never hangs here.
    const timeval limit{.tv_sec = 2, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    iovec parts[] = {{&header, sizeof header}, {const_cast<char*>(body.data()), body.size()}};
    return ::writev(socket, parts, 2) >= 0;
}

// Whether the dump has ended.
Result<bool> take_messages(std::span<const char> packet,
                           std::string_view what,
                           const NetlinkHandler& handler) {
    while (packet.size() >= sizeof(nlmsghdr)) {
        nlmsghdr header;
        std::memcpy(&header, packet.data(), sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > packet.size())
            return failure("netlink: a message is cut");
        const auto payload = packet.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
        if (header.nlmsg_type == NLMSG_DONE) return true;
        if (header.nlmsg_type == NLMSG_ERROR) {
            int code = 0;
            if (payload.size() >= sizeof code) std::memcpy(&code, payload.data(), sizeof code);
            return netlink_error(what, -code);
        }
        handler(header.nlmsg_type, payload);
        packet = packet.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), packet.size()));
    }
    return false;
}

}  // namespace

Result<void> netlink_dump(int protocol,
                          std::uint16_t type,
                          std::span<const char> body,
                          std::string_view what,
                          const NetlinkHandler& handler) {
    const Socket socket(protocol);
    if (socket.number < 0) return netlink_error(what, errno);
    if (!send_request(socket.number, type, body)) return netlink_error(what, errno);
    std::vector<char> packet(packet_size);
    for (;;) {
        const auto got = ::recv(socket.number, packet.data(), packet.size(), MSG_TRUNC);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return netlink_error(what, errno);
        if (static_cast<std::size_t>(got) > packet.size())
            return failure("netlink: a message is longer than 32 KiB");
        const auto ended = take_messages({packet.data(), static_cast<std::size_t>(got)}, what, handler);
        if (!ended) return ended.error();
        if (*ended) return {};
    }
}

std::string hardware_address(std::span<const char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        if (!text.empty()) text += ':';
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

bool next_attribute(std::span<const char>& attributes, NetlinkAttribute& out) {
    if (attributes.size() < sizeof(rtattr)) return false;
    rtattr header;
    std::memcpy(&header, attributes.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > attributes.size()) return false;
    // Two bits of the type say how the payload is to be read, which whoever asked knows.
    out = {static_cast<std::uint16_t>(header.rta_type & NLA_TYPE_MASK),
           attributes.subspan(sizeof header, header.rta_len - sizeof header)};
    attributes = attributes.subspan(std::min<std::size_t>(RTA_ALIGN(header.rta_len), attributes.size()));
    return true;
}

}  // namespace pifleet::node
