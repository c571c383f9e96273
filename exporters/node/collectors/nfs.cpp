// What this machine asks of NFS servers: /proc/net/rpc/nfs.
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/rpc_stats.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family packets{"node_nfs_packets_total", Type::counter, "Packets of NFS, by protocol."};
constexpr Family connections{"node_nfs_connections_total", Type::counter, "TCP connections to NFS servers."};
constexpr Family calls{"node_nfs_rpcs_total", Type::counter, "Calls to NFS servers."};
constexpr Family retransmissions{
    "node_nfs_rpc_retransmissions_total", Type::counter, "Calls that had to be sent again."};
constexpr Family refreshes{
    "node_nfs_rpc_authentication_refreshes_total", Type::counter, "Times that credentials were renewed."};
constexpr Family requests{"node_nfs_requests_total", Type::counter, "Calls to NFS servers, by procedure."};

// In the order of the kernel's table (nfs4xdr.c), spelled as dashboards know them.
constexpr std::string_view version_4[] = {"Null",
                                          "Read",
                                          "Write",
                                          "Commit",
                                          "Open",
                                          "OpenConfirm",
                                          "OpenNoattr",
                                          "OpenDowngrade",
                                          "Close",
                                          "Setattr",
                                          "FsInfo",
                                          "Renew",
                                          "SetClientID",
                                          "SetClientIDConfirm",
                                          "Lock",
                                          "Lockt",
                                          "Locku",
                                          "Access",
                                          "Getattr",
                                          "Lookup",
                                          "LookupRoot",
                                          "Remove",
                                          "Rename",
                                          "Link",
                                          "Symlink",
                                          "Create",
                                          "Pathconf",
                                          "StatFs",
                                          "ReadLink",
                                          "ReadDir",
                                          "ServerCaps",
                                          "DelegReturn",
                                          "GetACL",
                                          "SetACL",
                                          "FsLocations",
                                          "ReleaseLockowner",
                                          "Secinfo",
                                          "FsidPresent",
                                          "ExchangeID",
                                          "CreateSession",
                                          "DestroySession",
                                          "Sequence",
                                          "GetLeaseTime",
                                          "ReclaimComplete",
                                          "GetDeviceInfo",
                                          "LayoutGet",
                                          "LayoutCommit",
                                          "LayoutReturn",
                                          "SecinfoNoName",
                                          "TestStateID",
                                          "FreeStateID",
                                          "GetDeviceList",
                                          "BindConnToSession",
                                          "DestroyClientID",
                                          "Seek",
                                          "Allocate",
                                          "DeAllocate",
                                          "LayoutStats",
                                          "Clone"};

class Nfs final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto stats = RpcStats::read(host.proc("net/rpc/nfs"));
        if (!stats) return stats.error();
        page.add(packets, {{"protocol", "udp"}}, stats->at("net", 1));
        page.add(packets, {{"protocol", "tcp"}}, stats->at("net", 2));
        page.add(connections, stats->at("net", 3));
        page.add(calls, stats->at("rpc", 0));
        page.add(retransmissions, stats->at("rpc", 1));
        page.add(refreshes, stats->at("rpc", 2));
        stats->add_procedures(requests, "proc2", "2", nfs_2, page);
        stats->add_procedures(requests, "proc3", "3", nfs_3, page);
        stats->add_procedures(requests, "proc4", "4", version_4, page);
        return {};
    }
};

}  // namespace

extern const CollectorKind nfs_kind;
constinit const CollectorKind nfs_kind{
    "nfs", true, "what this machine asks of NFS servers", {}, make_collector<Nfs>};

}  // namespace pifleet::node
