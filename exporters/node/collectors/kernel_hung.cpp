// Tasks that hung for so long that the kernel noticed (since Linux 6.14).
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

constexpr metrics::Family hung{"node_kernel_hung_tasks_total",
                               metrics::Type::counter,
                               "Tasks that the kernel found hanging since boot."};

class KernelHung final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto count = read_unsigned(host.proc("sys/kernel/hung_task_detect_count"));
        if (!count) return count.error();
        page.add(hung, static_cast<double>(*count));
        return {};
    }
};

}  // namespace

extern const CollectorKind kernel_hung_kind;
constinit const CollectorKind kernel_hung_kind{
    "kernel_hung", true, "tasks that the kernel found hanging", {}, make_collector<KernelHung>};

}  // namespace pifleet::node
