// Bytes that wait in the queues of all UDP sockets: the sums of a column of /proc/net/udp and udp6. Either
// file is missing where its protocol is.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

constexpr metrics::Family queues{"node_udp_queues", metrics::Type::gauge, "Bytes that wait in UDP sockets."};

// A row: "sl: local remote state tx:rx ...", all but sl hexadecimal.
Result<void> add_queues(const std::string& path, std::string_view version, metrics::Page& page) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    lines.next();
    if (lines.word() != "sl") return lines.error("not the kernel's heading");
    std::uint64_t sending = 0, received = 0;
    while (lines.next()) {
        for (int i = 0; i < 4; ++i) lines.word();
        const auto both = lines.word();
        const auto colon = both.find(':');
        const auto tx = from_hex(both.substr(0, colon));
        const auto rx = colon == std::string_view::npos ? std::nullopt : from_hex(both.substr(colon + 1));
        if (!tx || !rx) return lines.error("no pair of queue lengths");
        sending += *tx;
        received += *rx;
    }
    page.add(queues, {{"ip", version}, {"queue", "tx"}}, static_cast<double>(sending));
    page.add(queues, {{"ip", version}, {"queue", "rx"}}, static_cast<double>(received));
    return {};
}

class UdpQueues final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto four = add_queues(host.proc("net/udp"), "v4", page);
        const auto six = add_queues(host.proc("net/udp6"), "v6", page);
        if (!four && four.error().kind == Error::Kind::failure) return four;
        const bool no_six = !six && six.error().kind == Error::Kind::absent;
        return no_six ? four : six;  // absent only where both are
    }
};

}  // namespace

extern const CollectorKind udp_queues_kind;
constinit const CollectorKind udp_queues_kind{
    "udp_queues", true, "bytes waiting in UDP sockets", {}, make_collector<UdpQueues>};

}  // namespace pifleet::node
