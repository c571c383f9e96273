// TCP connections by state, and the bytes that wait in them: asked of the kernel by netlink (sock_diag(7)),
// or read of /proc/net/tcp and tcp6 where a sandbox forbids netlink and where --path.procfs is a folder.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace pifleet::node {

namespace {

constexpr metrics::Family connections{"node_tcp_connection_states",
                                      metrics::Type::gauge,
                                      "TCP connections by state, and the bytes that wait in them."};

// By the kernel's number of the state.
constexpr std::string_view states[] = {"unknown",
                                       "established",
                                       "syn_sent",
                                       "syn_recv",
                                       "fin_wait1",
                                       "fin_wait2",
                                       "time_wait",
                                       "close",
                                       "close_wait",
                                       "last_ack",
                                       "listen",
                                       "closing"};

struct Counts {
    std::array<std::uint64_t, std::size(states)> by_state{};
    std::uint64_t sockets = 0, received = 0, sending = 0;

    void add(std::uint64_t state, std::uint64_t rx, std::uint64_t tx) {
        ++by_state[state < by_state.size() ? state : 0];
        ++sockets;
        received += rx;
        sending += tx;
    }
};

Result<void> ask_kernel(unsigned char family, Counts& counts) {
    inet_diag_req_v2 request{};
    request.sdiag_family = family;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = ~0U;
    return netlink_dump(NETLINK_SOCK_DIAG,
                        SOCK_DIAG_BY_FAMILY,
                        bytes_of(request),
                        "TCP sockets",
                        [&counts](std::uint16_t, auto payload) {
                            inet_diag_msg socket{};
                            if (take_struct(payload, socket))
                                counts.add(socket.idiag_state, socket.idiag_rqueue, socket.idiag_wqueue);
                        });
}

// A row: "sl: local remote state tx:rx ...", all but sl hexadecimal.
Result<void> read_table(const std::string& path, Counts& counts) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    lines.next();
    if (lines.word() != "sl") return lines.error("not the kernel's heading");
    while (lines.next()) {
        for (int i = 0; i < 3; ++i) lines.word();
        const auto state = lines.hex_number();
        if (!state) return state.error();
        const auto both = lines.word();
        const auto colon = both.find(':');
        const auto tx = from_hex(both.substr(0, colon));
        const auto rx = colon == std::string_view::npos ? std::nullopt : from_hex(both.substr(colon + 1));
        if (!tx || !rx) return lines.error("no pair of queue lengths");
        counts.add(*state, *rx, *tx);
    }
    return {};
}

Result<Counts> count(const Host& host) {
    Counts counts;
    if (is_kernel_proc(host.procfs) && ask_kernel(AF_INET, counts)) {
        if (const auto without_ipv6 = counts; !ask_kernel(AF_INET6, counts)) return without_ipv6;
        return counts;
    }
    counts = {};
    if (auto read = read_table(host.proc("net/tcp"), counts); !read) return failure(read.error().message);
    const auto read = read_table(host.proc("net/tcp6"), counts);
    if (!read && read.error().kind == Error::Kind::failure) return read.error();
    return counts;
}

class Tcpstat final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto counts = count(host);
        if (!counts) return counts.error();
        for (std::size_t i = 0; i < std::size(states); ++i)
            if (counts->by_state[i] != 0)
                page.add(connections, {{"state", states[i]}}, static_cast<double>(counts->by_state[i]));
        if (counts->sockets == 0) return {};
        page.add(connections, {{"state", "rx_queued_bytes"}}, static_cast<double>(counts->received));
        page.add(connections, {{"state", "tx_queued_bytes"}}, static_cast<double>(counts->sending));
        return {};
    }
};

}  // namespace

extern const CollectorKind tcpstat_kind;
constinit const CollectorKind tcpstat_kind{
    "tcpstat", false, "TCP connections, by state", {}, make_collector<Tcpstat>};

}  // namespace pifleet::node
