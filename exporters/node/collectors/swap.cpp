// Swap devices and files, each by itself: /proc/swaps, in units of 1024 bytes.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family size{"node_swap_size_bytes", Type::gauge, "Size of the swap device."};
constexpr Family used{"node_swap_used_bytes", Type::gauge, "How much of the swap device is in use."};
constexpr Family priority{
    "node_swap_priority", Type::gauge, "The device with the highest priority is used first."};

class Swap final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("swaps");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        if (lines.word() != "Filename") return lines.error("not the kernel's heading");
        while (lines.next()) {
            const auto device = valid_utf8(lines.word());
            const auto type = lines.word();
            const auto total = lines.number();
            if (!total) return total.error();
            const auto in_use = lines.number();
            if (!in_use) return in_use.error();
            const auto first = to_int(lines.word());
            if (!first) return lines.error("no priority");
            const metrics::Label labels[] = {{"device", device}, {"swap_type", type}};
            page.add(size, labels, static_cast<double>(*total) * 1024);
            page.add(used, labels, static_cast<double>(*in_use) * 1024);
            page.add(priority, labels, static_cast<double>(*first));
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind swap_kind;
constinit const CollectorKind swap_kind{"swap", false, "swap devices", {}, make_collector<Swap>};

}  // namespace pifleet::node
