// Soft interrupts by CPU and kind: /proc/softirqs, a column per CPU.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>

namespace pifleet::node {

namespace {

constexpr metrics::Family functions{
    "node_softirqs_functions_total", metrics::Type::counter, "Soft interrupts, by CPU and kind."};

class Softirqs final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("softirqs");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        int cpus = 0;
        while (lines.word().starts_with("CPU")) ++cpus;
        if (cpus == 0) return lines.error("not a heading of CPUs");
        while (lines.next()) {
            auto type = lines.word();
            if (!type.ends_with(':')) return lines.error("not 'TYPE: NUMBERS'");
            type.remove_suffix(1);
            for (int cpu = 0; cpu < cpus; ++cpu) {
                const auto value = lines.number();
                if (!value) return value.error();
                page.add(
                    functions, {{"cpu", std::to_string(cpu)}, {"type", type}}, static_cast<double>(*value));
            }
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind softirqs_kind;
constinit const CollectorKind softirqs_kind{
    "softirqs", false, "soft interrupts, by CPU and kind", {}, make_collector<Softirqs>};

}  // namespace pifleet::node
