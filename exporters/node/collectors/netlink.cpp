// One RTM_GETLINK dump (rtnetlink(7)): a request, then messages until NLMSG_DONE.
#include "exporters/node/collectors/link_stats.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

namespace pifleet::node {

namespace {

Error netlink_error(std::string_view step, int code) {
    return failure("netlink: cannot " + std::string(step) + ": " + std::strerror(code));
}

struct Socket {
    Socket() : number(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (number >= 0) ::close(number);
    }
    int number;
};

Result<void> request_links(int socket) {
    struct {
        nlmsghdr header;
        ifinfomsg body;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.header.nlmsg_seq = 1;
    // The kernel answers at once; a limit costs nothing and a scrape never hangs here.
    const timeval limit{.tv_sec = 2, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::send(socket, &request, sizeof request, 0) < 0) return netlink_error("ask for the links", errno);
    return {};
}

void add_link(std::span<const char> message, std::vector<Link>& links) {
    if (message.size() < NLMSG_ALIGN(sizeof(ifinfomsg))) return;
    message = message.subspan(NLMSG_ALIGN(sizeof(ifinfomsg)));
    Link link;
    bool counted = false;
    while (message.size() >= sizeof(rtattr)) {
        rtattr attribute;
        std::memcpy(&attribute, message.data(), sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > message.size()) break;
        const auto payload = message.subspan(sizeof attribute, attribute.rta_len - sizeof attribute);
        if (attribute.rta_type == IFLA_IFNAME) {
            link.name.assign(payload.begin(), std::find(payload.begin(), payload.end(), '\0'));
        } else if (attribute.rta_type == IFLA_STATS64) {
            // Kernels differ in how many counters stand at the end.
            std::memcpy(&link.counters, payload.data(), std::min(payload.size(), sizeof link.counters));
            counted = true;
        }
        message = message.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), message.size()));
    }
    if (counted && !link.name.empty()) links.push_back(std::move(link));
}

// Whether the dump has ended.
Result<bool> take_messages(std::span<const char> packet, std::vector<Link>& links) {
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
            return netlink_error("list the links", -code);
        }
        if (header.nlmsg_type == RTM_NEWLINK) add_link(payload, links);
        packet = packet.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), packet.size()));
    }
    return false;
}

}  // namespace

Result<std::vector<Link>> read_links_by_netlink() {
    const Socket socket;
    if (socket.number < 0) return netlink_error("open a socket", errno);
    if (auto asked = request_links(socket.number); !asked) return asked.error();
    std::vector<Link> links;
    std::vector<char> packet(32 * 1024);  // what the kernel fills at most when it is offered that much
    for (;;) {
        const auto got = ::recv(socket.number, packet.data(), packet.size(), MSG_TRUNC);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return netlink_error("read the links", errno);
        if (static_cast<std::size_t>(got) > packet.size())
            return failure("netlink: a message is longer than 32 KiB");
        const auto ended = take_messages({packet.data(), static_cast<std::size_t>(got)}, links);
        if (!ended) return ended.error();
        if (*ended) return links;
    }
}

}  // namespace pifleet::node
