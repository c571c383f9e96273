// What the root queue of each network device did: the kernel's queueing disciplines, by rtnetlink(7).
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/netlink_dump.hpp"

#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family bytes{"node_qdisc_bytes_total", Type::counter, "Bytes sent."};
constexpr Family packets{"node_qdisc_packets_total", Type::counter, "Packets sent."};
constexpr Family drops{"node_qdisc_drops_total", Type::counter, "Packets dropped."};
constexpr Family requeues{"node_qdisc_requeues_total", Type::counter, "Packets put back into the queue."};
constexpr Family overlimits{"node_qdisc_overlimits_total", Type::counter, "Packets that were over a limit."};
constexpr Family length{"node_qdisc_current_queue_length", Type::gauge, "Packets that wait."};
constexpr Family backlog{"node_qdisc_backlog", Type::gauge, "Bytes that wait."};

constexpr std::string_view include_flag = "collector.qdisc.device-include";
constexpr std::string_view exclude_flag = "collector.qdisc.device-exclude";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Network devices to show (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Network devices to leave out (regular expression)."},
};

struct Queue {
    std::string kind;
    gnet_stats_basic basic{};
    gnet_stats_queue queue{};
};

// Copies as much as there is: kernels differ in how much that is.
template <class Struct>
void copy(std::span<const char> payload, Struct& out) {
    std::memcpy(&out, payload.data(), std::min(payload.size(), sizeof out));
}

Queue parse_queue(std::span<const char> attributes) {
    Queue queue;
    for (NetlinkAttribute attribute; next_attribute(attributes, attribute);) {
        if (attribute.type == TCA_KIND) queue.kind = valid_utf8(attribute.text());
        if (attribute.type != TCA_STATS2) continue;
        auto statistics = attribute.payload;
        for (NetlinkAttribute each; next_attribute(statistics, each);) {
            if (each.type == TCA_STATS_BASIC) copy(each.payload, queue.basic);
            if (each.type == TCA_STATS_QUEUE) copy(each.payload, queue.queue);
        }
    }
    return queue;
}

class Qdisc final : public Collector {
  public:
    explicit Qdisc(DeviceFilter filter) : filter_(std::move(filter)) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        const tcmsg request{};
        return netlink_dump(
            NETLINK_ROUTE, RTM_GETQDISC, bytes_of(request), "queues", [&](std::uint16_t type, auto payload) {
                tcmsg header{};
                if (type != RTM_NEWQDISC || !take_struct(payload, header)) return;
                char device[IF_NAMESIZE];
                if (header.tcm_parent != TC_H_ROOT && header.tcm_parent != 0) return;
                if (::if_indextoname(static_cast<unsigned>(header.tcm_ifindex), device) == nullptr) return;
                if (filter_.keeps(device)) add(valid_utf8(device), parse_queue(payload), page);
            });
    }

  private:
    static void add(const std::string& device, const Queue& queue, metrics::Page& page) {
        const auto each = [&](const Family& family, auto value) {
            page.add(family, {{"device", device}, {"kind", queue.kind}}, static_cast<double>(value));
        };
        each(bytes, queue.basic.bytes);
        each(packets, queue.basic.packets);
        each(drops, queue.queue.drops);
        each(requeues, queue.queue.requeues);
        each(overlimits, queue.queue.overlimits);
        each(length, queue.queue.qlen);
        each(backlog, queue.queue.backlog);
    }

    DeviceFilter filter_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    return std::make_unique<Qdisc>(std::move(*filter));
}

}  // namespace

extern const CollectorKind qdisc_kind;
constinit const CollectorKind qdisc_kind{"qdisc", false, "queues of the network devices", flags, make};

}  // namespace pifleet::node
