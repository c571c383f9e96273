// How many machines of the network each device knows: the kernel's neighbour table by netlink, or
// /proc/net/arp where a sandbox forbids netlink and where --path.procfs is a folder.
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <map>

namespace pifleet::node {

namespace {

using process::FlagKind;

constexpr metrics::Family entries{
    "node_arp_entries", metrics::Type::gauge, "Machines of the network that the device has an address of."};

constexpr std::string_view include_flag = "collector.arp.device-include";
constexpr std::string_view exclude_flag = "collector.arp.device-exclude";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Network devices to show (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Network devices to leave out (regular expression)."},
    {"collector.arp.netlink", FlagKind::on_off, "true", "Ask by netlink rather than read /proc/net/arp."},
};

using Counts = std::map<std::string, std::uint64_t>;  // by device

Result<Counts> ask_kernel() {
    std::map<int, std::uint64_t> by_index;
    ndmsg request{};
    request.ndm_family = AF_INET;
    const auto dumped = netlink_dump(
        NETLINK_ROUTE, RTM_GETNEIGH, bytes_of(request), "neighbours", [&](std::uint16_t type, auto payload) {
            ndmsg neighbour{};
            if (type != RTM_NEWNEIGH || !take_struct(payload, neighbour)) return;
            if (neighbour.ndm_family != AF_INET || (neighbour.ndm_state & NUD_NOARP) != 0) return;
            ++by_index[neighbour.ndm_ifindex];
        });
    if (!dumped) return dumped.error();
    Counts counts;
    for (const auto& [index, count] : by_index) {
        char name[IF_NAMESIZE];
        // A device may have gone since.
        if (::if_indextoname(static_cast<unsigned>(index), name) != nullptr) counts[name] = count;
    }
    return counts;
}

// Six columns under a heading; the last one is the device.
Result<Counts> read_table(const std::string& path) {
    const auto text = read_lines(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    lines.next();
    if (!lines.line().starts_with("IP address")) return lines.error("not the kernel's heading");
    Counts counts;
    while (lines.next()) {
        for (int i = 0; i < 5; ++i) lines.word();
        const auto device = lines.word();
        if (device.empty() || !lines.word().empty()) return lines.error("not six columns");
        ++counts[std::string(device)];
    }
    return counts;
}

class Arp final : public Collector {
  public:
    Arp(DeviceFilter filter, bool netlink) : filter_(std::move(filter)), netlink_(netlink) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        Result<Counts> counts = absent("not asked");
        if (netlink_ && is_kernel_proc(host.procfs)) counts = ask_kernel();
        if (!counts) counts = read_table(host.proc("net/arp"));
        if (!counts) return counts.error();
        for (const auto& [device, count] : *counts)
            if (filter_.keeps(device))
                page.add(entries, {{"device", valid_utf8(device)}}, static_cast<double>(count));
        return {};
    }

  private:
    DeviceFilter filter_;
    bool netlink_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    return std::make_unique<Arp>(std::move(*filter), given.on("collector.arp.netlink"));
}

}  // namespace

extern const CollectorKind arp_kind;
constinit const CollectorKind arp_kind{
    "arp", true, "how many machines of the network each device knows", flags, make};

}  // namespace pifleet::node
