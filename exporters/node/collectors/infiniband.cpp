// InfiniBand adapters and their ports: /sys/class/infiniband (the kernel's
// ABI/stable/sysfs-class-infiniband). Data is counted per lane in words of four bytes.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr FileRow row(std::string_view file, std::string_view name, std::string_view help, double scale = 1) {
    return {file, {name, Type::counter, help}, scale, 1};
}

constexpr FileRow rows[] = {
    row("counters/VL15_dropped",
        "node_infiniband_vl15_dropped_total",
        "Management packets dropped for want of buffers."),
    row("counters/excessive_buffer_overrun_errors",
        "node_infiniband_excessive_buffer_overrun_errors_total",
        "Long runs of buffers that ran over."),
    row("counters/link_downed", "node_infiniband_link_downed_total", "How often the link went down."),
    row("counters/link_error_recovery",
        "node_infiniband_link_error_recovery_total",
        "How often the link recovered from an error."),
    row("counters/local_link_integrity_errors",
        "node_infiniband_local_link_integrity_errors_total",
        "Times when there were more errors on the link than allowed."),
    row("counters/multicast_rcv_packets",
        "node_infiniband_multicast_packets_received_total",
        "Multicast packets received."),
    row("counters/multicast_xmit_packets",
        "node_infiniband_multicast_packets_transmitted_total",
        "Multicast packets sent."),
    row("counters/port_rcv_constraint_errors",
        "node_infiniband_port_constraint_errors_received_total",
        "Packets received that may not pass."),
    row("counters/port_rcv_data", "node_infiniband_port_data_received_bytes_total", "Bytes received.", 4),
    row("counters/port_rcv_discards",
        "node_infiniband_port_discards_received_total",
        "Packets received and thrown away."),
    row("counters/port_rcv_errors",
        "node_infiniband_port_errors_received_total",
        "Packets received with an error."),
    row("counters/port_rcv_packets", "node_infiniband_port_packets_received_total", "Packets received."),
    row("counters/port_rcv_remote_physical_errors",
        "node_infiniband_port_receive_remote_physical_errors_total",
        "Packets received that were marked as bad on the way."),
    row("counters/port_rcv_switch_relay_errors",
        "node_infiniband_port_receive_switch_relay_errors_total",
        "Packets that a switch could not pass on."),
    row("counters/port_xmit_constraint_errors",
        "node_infiniband_port_constraint_errors_transmitted_total",
        "Packets that may not be sent."),
    row("counters/port_xmit_data", "node_infiniband_port_data_transmitted_bytes_total", "Bytes sent.", 4),
    row("counters/port_xmit_discards",
        "node_infiniband_port_discards_transmitted_total",
        "Packets thrown away before they were sent."),
    row("counters/port_xmit_packets", "node_infiniband_port_packets_transmitted_total", "Packets sent."),
    row("counters/port_xmit_wait",
        "node_infiniband_port_transmit_wait_total",
        "Ticks in which there was data to send and none could be."),
    row("counters/symbol_error", "node_infiniband_symbol_error_total", "Minor errors on the link."),
    row("counters/unicast_rcv_packets",
        "node_infiniband_unicast_packets_received_total",
        "Unicast packets received."),
    row("counters/unicast_xmit_packets",
        "node_infiniband_unicast_packets_transmitted_total",
        "Unicast packets sent."),
    // Kernels before 4.5.
    row("counters_ext/port_multicast_rcv_packets",
        "node_infiniband_legacy_multicast_packets_received_total",
        "Multicast packets received."),
    row("counters_ext/port_multicast_xmit_packets",
        "node_infiniband_legacy_multicast_packets_transmitted_total",
        "Multicast packets sent."),
    row("counters_ext/port_rcv_data_64",
        "node_infiniband_legacy_data_received_bytes_total",
        "Bytes received.",
        4),
    row("counters_ext/port_rcv_packets_64",
        "node_infiniband_legacy_packets_received_total",
        "Packets received."),
    row("counters_ext/port_unicast_rcv_packets",
        "node_infiniband_legacy_unicast_packets_received_total",
        "Unicast packets received."),
    row("counters_ext/port_unicast_xmit_packets",
        "node_infiniband_legacy_unicast_packets_transmitted_total",
        "Unicast packets sent."),
    row("counters_ext/port_xmit_data_64",
        "node_infiniband_legacy_data_transmitted_bytes_total",
        "Bytes sent.",
        4),
    row("counters_ext/port_xmit_packets_64",
        "node_infiniband_legacy_packets_transmitted_total",
        "Packets sent."),
};

constexpr Family info{"node_infiniband_info", Type::gauge, "What the adapter says that it is."};
constexpr Family rate{"node_infiniband_rate_bytes_per_second", Type::gauge, "How fast the link can be."};
struct State {
    std::string_view file;
    Family family;
};
constexpr State states[] = {
    {"state", {"node_infiniband_state_id", Type::gauge, "State of the port; 4 is active."}},
    {"phys_state", {"node_infiniband_physical_state_id", Type::gauge, "State of the port's link; 5 is up."}},
};

// "4: ACTIVE"
Result<void> add_state(const Host& host,
                       const std::string& folder,
                       const State& state,
                       metrics::Labels labels,
                       metrics::Page& page) {
    const auto path = folder + "/" + std::string(state.file);
    const auto text = line_if_any(host, path);
    if (text.empty()) return {};
    const auto number = to_unsigned(std::string_view(text).substr(0, text.find(':')));
    if (!number) return not_a_number(path, text);
    page.add(state.family, labels, static_cast<double>(*number));
    return {};
}

// "40 Gb/sec (4X QDR)"
Result<void> add_rate(const Host& host,
                      const std::string& folder,
                      metrics::Labels labels,
                      metrics::Page& page) {
    constexpr double gigabit = 125'000'000;
    const auto text = line_if_any(host, folder + "/rate");
    if (text.empty()) return {};
    std::string_view rest = text;
    const auto number = to_double(next_word(rest));
    if (!number || *number < 0) return not_a_number(folder + "/rate", text);
    page.add(rate, labels, *number * gigabit);
    return {};
}

// Some drivers say "N/A (no PMA)" for a counter.
Result<void> add_counters(const Host& host,
                          const std::string& folder,
                          metrics::Labels labels,
                          metrics::Page& page) {
    Result<void> result;
    for (const auto& counter : rows) {
        const auto path = folder + "/" + std::string(counter.file);
        const auto text = line_if_any(host, path);
        if (text.empty() || text.starts_with("N/A")) continue;
        if (const auto value = to_unsigned(text))
            page.add(counter.family, labels, static_cast<double>(*value) * counter.scale);
        else
            note(result, not_a_number(path, text));
    }
    return result;
}

class Infiniband final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/infiniband");
        const auto names = list_folder(root);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names) {
            const auto folder = root + "/" + name;
            const auto device = valid_utf8(name);
            const auto text = [&](std::string_view file) {
                return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
            };
            page.add(info,
                     {{"board_id", text("board_id")},
                      {"device", device},
                      {"firmware_version", text("fw_ver")},
                      {"hca_type", text("hca_type")}},
                     1);
            for (const auto& port : numbered_entries(folder + "/ports", "")) {
                const metrics::Label labels[] = {{"device", device}, {"port", port}};
                const auto inner = folder + "/ports/" + port;
                for (const auto& state : states) note(result, add_state(host, inner, state, labels, page));
                note(result, add_rate(host, inner, labels, page));
                note(result, add_counters(host, inner, labels, page));
            }
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind infiniband_kind;
constinit const CollectorKind infiniband_kind{
    "infiniband",
    true,
    "InfiniBand adapters",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Infiniband>();
    },
};

}  // namespace pifleet::node
