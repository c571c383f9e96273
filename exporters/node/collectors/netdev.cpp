// Counters of the network devices. The kernel is asked by netlink; the text file stands in where a sandbox
// forbids netlink, and where --path.procfs is a folder rather than a kernel's /proc.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/addresses.hpp"
#include "exporters/node/collectors/link_stats.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"

#include <set>
#include <tuple>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;
using Stats = rtnl_link_stats64;
using Counter = __u64 Stats::*;

// Which names a device's counters go by: those of /proc/net/dev, which sum up several counters, or the
// kernel's own
// (--collector.netdev.enable-detailed-metrics), and what each source can tell.
enum Naming : unsigned { link_classic = 1, file_classic = 2, link_detailed = 4, file_detailed = 8, all = 15 };
constexpr unsigned classic = link_classic | file_classic;
constexpr unsigned detailed = link_detailed | file_detailed;
constexpr unsigned file_or_classic = classic | file_detailed;

struct Row {
    unsigned namings;
    Family family;
    Counter summands[4];
};

constexpr Family counter(std::string_view name, std::string_view help) {
    return {name, Type::counter, help};
}

// The sums are those of the kernel's net/core/net-procfs.c. Read from the file, the other summands are 0.
constexpr Row rows[] = {
    {all, counter("node_network_receive_bytes_total", "Bytes received."), {&Stats::rx_bytes}},
    {all, counter("node_network_receive_packets_total", "Packets received."), {&Stats::rx_packets}},
    {all,
     counter("node_network_receive_compressed_total", "Compressed packets received."),
     {&Stats::rx_compressed}},
    {all, counter("node_network_transmit_bytes_total", "Bytes sent."), {&Stats::tx_bytes}},
    {all, counter("node_network_transmit_packets_total", "Packets sent."), {&Stats::tx_packets}},
    {all,
     counter("node_network_transmit_compressed_total", "Compressed packets sent."),
     {&Stats::tx_compressed}},
    {link_classic | link_detailed,
     counter("node_network_receive_nohandler_total", "Packets received that nothing wanted."),
     {&Stats::rx_nohandler}},
    {classic, counter("node_network_receive_errs_total", "Packets received damaged."), {&Stats::rx_errors}},
    {classic,
     counter("node_network_receive_drop_total", "Packets received and dropped."),
     {&Stats::rx_dropped, &Stats::rx_missed_errors}},
    {file_or_classic,
     counter("node_network_receive_fifo_total", "Receive buffer overruns."),
     {&Stats::rx_fifo_errors}},
    {file_or_classic,
     counter("node_network_receive_frame_total", "Packets received with length, CRC or framing errors."),
     {&Stats::rx_frame_errors, &Stats::rx_length_errors, &Stats::rx_over_errors, &Stats::rx_crc_errors}},
    {file_or_classic,
     counter("node_network_receive_multicast_total", "Multicast packets received."),
     {&Stats::multicast}},
    {classic,
     counter("node_network_transmit_errs_total", "Packets not sent because of errors."),
     {&Stats::tx_errors}},
    {classic,
     counter("node_network_transmit_drop_total", "Packets dropped before sending."),
     {&Stats::tx_dropped}},
    {file_or_classic,
     counter("node_network_transmit_fifo_total", "Transmit buffer errors."),
     {&Stats::tx_fifo_errors}},
    {file_or_classic,
     counter("node_network_transmit_colls_total", "Collisions while sending."),
     {&Stats::collisions}},
    {file_or_classic,
     counter("node_network_transmit_carrier_total", "Carrier losses and the like while sending."),
     {&Stats::tx_carrier_errors,
      &Stats::tx_aborted_errors,
      &Stats::tx_heartbeat_errors,
      &Stats::tx_window_errors}},
    {detailed,
     counter("node_network_receive_errors_total", "Packets received damaged."),
     {&Stats::rx_errors}},
    {detailed,
     counter("node_network_receive_dropped_total", "Packets received and dropped."),
     {&Stats::rx_dropped}},
    {link_detailed,
     counter("node_network_receive_fifo_errors_total", "Receive buffer overruns."),
     {&Stats::rx_fifo_errors}},
    {link_detailed,
     counter("node_network_receive_frame_errors_total", "Packets received with framing errors."),
     {&Stats::rx_frame_errors}},
    {link_detailed,
     counter("node_network_receive_length_errors_total", "Packets received with a wrong length."),
     {&Stats::rx_length_errors}},
    {link_detailed,
     counter("node_network_receive_over_errors_total", "Packets received that overran the ring."),
     {&Stats::rx_over_errors}},
    {link_detailed,
     counter("node_network_receive_crc_errors_total", "Packets received with a wrong CRC."),
     {&Stats::rx_crc_errors}},
    {link_detailed,
     counter("node_network_receive_missed_errors_total", "Packets missed by the host."),
     {&Stats::rx_missed_errors}},
    {link_detailed,
     counter("node_network_multicast_total", "Multicast packets received."),
     {&Stats::multicast}},
    {link_detailed,
     counter("node_network_collisions_total", "Collisions while sending."),
     {&Stats::collisions}},
    {detailed,
     counter("node_network_transmit_errors_total", "Packets not sent because of errors."),
     {&Stats::tx_errors}},
    {detailed,
     counter("node_network_transmit_dropped_total", "Packets dropped before sending."),
     {&Stats::tx_dropped}},
    {link_detailed,
     counter("node_network_transmit_fifo_errors_total", "Transmit buffer errors."),
     {&Stats::tx_fifo_errors}},
    {link_detailed,
     counter("node_network_transmit_carrier_errors_total", "Carrier losses while sending."),
     {&Stats::tx_carrier_errors}},
    {link_detailed,
     counter("node_network_transmit_aborted_errors_total", "Packets given up while sending."),
     {&Stats::tx_aborted_errors}},
    {link_detailed,
     counter("node_network_transmit_heartbeat_errors_total", "Heartbeat errors while sending."),
     {&Stats::tx_heartbeat_errors}},
    {link_detailed,
     counter("node_network_transmit_window_errors_total", "Late collisions while sending."),
     {&Stats::tx_window_errors}},
};

double value_of(const Row& row, const Stats& counters) {
    std::uint64_t sum = 0;
    for (const auto summand : row.summands)
        if (summand != nullptr) sum += counters.*summand;
    return static_cast<double>(sum);
}

constexpr Family address_info{"node_network_address_info", Type::gauge, "Addresses of the network devices."};

constexpr std::string_view include_flag = "collector.netdev.device-include";
constexpr std::string_view exclude_flag = "collector.netdev.device-exclude";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Network devices to show (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Network devices to leave out (regular expression)."},
    {"collector.netdev.address-info", FlagKind::on_off, "false", "Also show the devices' addresses."},
    {"collector.netdev.enable-detailed-metrics",
     FlagKind::on_off,
     "false",
     "The kernel's own counters and names."},
    {"collector.netdev.netlink", FlagKind::on_off, "true", "Ask by netlink rather than read /proc/net/dev."},
    {"collector.netdev.label-ifalias", FlagKind::on_off, "false", "Add the label ifalias."},
};

struct Settings {
    DeviceFilter filter;
    bool addresses, detailed, netlink, alias;
};

class Netdev final : public Collector {
  public:
    explicit Netdev(Settings settings) : settings_(std::move(settings)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        auto naming = settings_.detailed ? link_detailed : link_classic;
        Result<std::vector<Link>> links = absent("not asked");
        if (settings_.netlink && is_kernel_proc(host.procfs)) links = read_links_by_netlink();
        if (!links) {
            naming = settings_.detailed ? file_detailed : file_classic;
            const auto path = host.proc("net/dev");
            const auto text = read_lines(path);
            if (!text) return text.error();
            links = parse_net_dev(path, *text);
            if (!links) return links.error();
        }
        Result<void> result;
        std::set<std::string_view> seen;
        for (const auto& link : *links) {
            if (!settings_.filter.keeps(link.name)) continue;
            if (seen.insert(link.name).second)
                add_link(host, link, naming, page);
            else
                note(result, failure("the network device " + valid_utf8(link.name) + " stands twice"));
        }
        if (settings_.addresses) note(result, add_addresses(page));
        return result;
    }

  private:
    void add_link(const Host& host, const Link& link, Naming naming, metrics::Page& page) const {
        const auto device = valid_utf8(link.name);
        std::string alias;
        if (settings_.alias) alias = valid_utf8(line_if_any(host.sys("class/net/" + link.name + "/ifalias")));
        const metrics::Label labels[] = {{"device", device}, {"ifalias", alias}};
        const metrics::Labels shown(labels, settings_.alias ? 2 : 1);
        for (const auto& row : rows)
            if ((row.namings & naming) != 0) page.add(row.family, shown, value_of(row, link.counters));
    }

    Result<void> add_addresses(metrics::Page& page) const {
        const auto addresses = read_addresses();
        if (!addresses) return addresses.error();
        std::set<std::tuple<std::string_view, std::string_view, std::string_view>> seen;
        for (const auto& address : *addresses) {
            if (!settings_.filter.keeps(address.device)) continue;
            if (!seen.emplace(address.device, address.address, address.prefix).second) continue;
            page.add(address_info,
                     {{"address", address.address},
                      {"device", valid_utf8(address.device)},
                      {"netmask", address.prefix},
                      {"scope", address.scope}},
                     1);
        }
        return {};
    }

    Settings settings_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    return std::make_unique<Netdev>(Settings{std::move(*filter),
                                             given.on("collector.netdev.address-info"),
                                             given.on("collector.netdev.enable-detailed-metrics"),
                                             given.on("collector.netdev.netlink"),
                                             given.on("collector.netdev.label-ifalias")});
}

}  // namespace

extern const CollectorKind netdev_kind;
constinit const CollectorKind netdev_kind{"netdev", true, "counters of the network devices", flags, make};

}  // namespace pifleet::node
