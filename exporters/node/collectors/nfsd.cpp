// What this machine serves by NFS: /proc/net/rpc/nfsd.
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/rpc_stats.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view line;
    std::size_t place;
    Family family;
};

constexpr Row rows[] = {
    {"rc",
     0,
     {"node_nfsd_reply_cache_hits_total", Type::counter, "Calls answered from the cache of replies."}},
    {"rc",
     1,
     {"node_nfsd_reply_cache_misses_total", Type::counter, "Calls whose reply was not yet in the cache."}},
    {"rc", 2, {"node_nfsd_reply_cache_nocache_total", Type::counter, "Calls whose replies are not cached."}},
    {"fh", 0, {"node_nfsd_file_handles_stale_total", Type::counter, "File handles that no longer held."}},
    {"io", 0, {"node_nfsd_disk_bytes_read_total", Type::counter, "Bytes read."}},
    {"io", 1, {"node_nfsd_disk_bytes_written_total", Type::counter, "Bytes written."}},
    {"th", 0, {"node_nfsd_server_threads", Type::gauge, "Threads of the server."}},
    {"ra", 0, {"node_nfsd_read_ahead_cache_size_blocks", Type::gauge, "Size of the read ahead cache."}},
    {"ra",
     11,
     {"node_nfsd_read_ahead_cache_not_found_total", Type::counter, "Misses of the read ahead cache."}},
    {"net", 3, {"node_nfsd_connections_total", Type::counter, "TCP connections from clients."}},
    {"rpc", 0, {"node_nfsd_server_rpcs_total", Type::counter, "Calls from clients."}},
};

constexpr Family packets{"node_nfsd_packets_total", Type::counter, "Packets of NFS, by protocol."};
constexpr Family errors{"node_nfsd_rpc_errors_total", Type::counter, "Calls refused, by reason."};
constexpr Family requests{"node_nfsd_requests_total", Type::counter, "Calls from clients, by procedure."};

// What does nothing has never been shown of a server.
template <std::size_t N>
constexpr std::array<std::string_view, N> without_null(std::array<std::string_view, N> names) {
    names[0] = {};
    return names;
}

// In the order of the protocol's numbers; those without a name have never been shown.
constexpr std::string_view version_4[] = {"",
                                          "",
                                          "",
                                          "Access",
                                          "Close",
                                          "Commit",
                                          "Create",
                                          "DelegPurge",
                                          "DelegReturn",
                                          "GetAttr",
                                          "GetFH",
                                          "Link",
                                          "Lock",
                                          "Lockt",
                                          "Locku",
                                          "Lookup",
                                          "LookupRoot",
                                          "Nverify",
                                          "Open",
                                          "OpenAttr",
                                          "OpenConfirm",
                                          "OpenDgrd",
                                          "PutFH",
                                          "",
                                          "",
                                          "Read",
                                          "ReadDir",
                                          "ReadLink",
                                          "Remove",
                                          "Rename",
                                          "Renew",
                                          "RestoreFH",
                                          "SaveFH",
                                          "SecInfo",
                                          "SetAttr",
                                          "SetClientID",
                                          "SetClientIDConfirm",
                                          "Verify",
                                          "Write",
                                          "RelLockOwner"};

class Nfsd final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto stats = RpcStats::read(host.proc("net/rpc/nfsd"));
        if (!stats) return stats.error();
        for (const auto& row : rows) page.add(row.family, stats->at(row.line, row.place));
        page.add(packets, {{"proto", "udp"}}, stats->at("net", 1));
        page.add(packets, {{"proto", "tcp"}}, stats->at("net", 2));
        page.add(errors, {{"error", "fmt"}}, stats->at("rpc", 2));
        page.add(errors, {{"error", "auth"}}, stats->at("rpc", 3));
        page.add(errors, {{"error", "cInt"}}, stats->at("rpc", 4));
        stats->add_procedures(requests, "proc2", "2", without_null(nfs_2), page);
        stats->add_procedures(requests, "proc3", "3", without_null(nfs_3), page);
        stats->add_procedures(requests, "proc4ops", "4", version_4, page);
        page.add(requests, {{"method", "WdelegGetattr"}, {"proto", "4"}}, stats->at("wdeleg_getattr", 0));
        return {};
    }
};

}  // namespace

extern const CollectorKind nfsd_kind;
constinit const CollectorKind nfsd_kind{
    "nfsd", true, "what this machine serves by NFS", {}, make_collector<Nfsd>};

}  // namespace pifleet::node
