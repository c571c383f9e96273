// Memory that the kernel found twice and merged: /sys/kernel/mm/ksm.
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr FileRow rows[] = {
    {"full_scans", {"node_ksmd_full_scans_total", Type::counter, "How often all memory was looked through."}},
    {"merge_across_nodes",
     {"node_ksmd_merge_across_nodes", Type::gauge, "Whether pages of different memory nodes are merged."}},
    {"pages_shared", {"node_ksmd_pages_shared", Type::gauge, "Pages that stand for several."}},
    {"pages_sharing", {"node_ksmd_pages_sharing", Type::gauge, "Pages saved."}},
    {"pages_to_scan", {"node_ksmd_pages_to_scan", Type::gauge, "Pages looked at before each pause."}},
    {"pages_unshared",
     {"node_ksmd_pages_unshared", Type::gauge, "Pages looked at that stand for themselves."}},
    {"pages_volatile", {"node_ksmd_pages_volatile", Type::gauge, "Pages that change too fast."}},
    {"run", {"node_ksmd_run", Type::gauge, "0: stopped, 1: running, 2: stopped and all taken apart again."}},
    {"sleep_millisecs", {"node_ksmd_sleep_seconds", Type::gauge, "How long each pause is."}, 1, 1000},
};

class Ksmd final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        return add_file_rows(host, host.sys("kernel/mm/ksm"), rows, {}, page);
    }
};

}  // namespace

extern const CollectorKind ksmd_kind;
constinit const CollectorKind ksmd_kind{
    "ksmd",
    false,
    "merged memory (KSM)",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Ksmd>();
    },
};

}  // namespace pifleet::node
