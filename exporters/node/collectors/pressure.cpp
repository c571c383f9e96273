// How long tasks waited for CPU, memory or disks (/proc/pressure). A kernel without it, or with psi=0, has no
// such files or refuses to read them; only some kernels have irq.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view file, line;  // "some": at least one task waited; "full": none of them could go on
    Family family;
};

constexpr Row rows[] = {
    {"cpu",
     "some",
     {"node_pressure_cpu_waiting_seconds_total", Type::counter, "Time that tasks waited for a CPU."}},
    {"io",
     "some",
     {"node_pressure_io_waiting_seconds_total", Type::counter, "Time that tasks waited for disks."}},
    {"io",
     "full",
     {"node_pressure_io_stalled_seconds_total", Type::counter, "Time that all tasks waited for disks."}},
    {"memory",
     "some",
     {"node_pressure_memory_waiting_seconds_total", Type::counter, "Time that tasks waited for memory."}},
    {"memory",
     "full",
     {"node_pressure_memory_stalled_seconds_total", Type::counter, "Time that all tasks waited for memory."}},
    {"irq",
     "full",
     {"node_pressure_irq_stalled_seconds_total", Type::counter, "Time that interrupts took from all tasks."}},
};

// The microseconds behind total= of the line that begins with `wanted`.
Result<std::uint64_t> read_total(const std::string& path, std::string_view text, std::string_view wanted) {
    LineReader lines(path, text);
    while (lines.next()) {
        if (lines.word() != wanted) continue;
        for (auto word = lines.word(); !word.empty(); word = lines.word()) {
            if (!word.starts_with("total=")) continue;
            word.remove_prefix(6);
            if (const auto value = to_unsigned(word)) return *value;
            return not_a_number(path, word);
        }
    }
    return failure(path + " has no total= in a line '" + std::string(wanted) + "'");
}

class Pressure final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        std::string path;
        Result<std::string> text = absent("not read");
        bool found = false;
        Result<void> result;
        for (const auto& row : rows) {
            if (auto next = host.proc("pressure/" + std::string(row.file)); next != path) {
                path = std::move(next);
                text = read_lines_if_any(path);
            }
            if (!text && text.error().kind == Error::Kind::absent) continue;
            found = true;
            const auto microseconds =
                text ? read_total(path, *text, row.line) : Result<std::uint64_t>(text.error());
            if (microseconds)
                page.add(row.family, static_cast<double>(*microseconds) / 1000.0 / 1000.0);
            else
                note(result, microseconds.error());
        }
        if (!found) return absent("the kernel has no " + host.proc("pressure"));
        return result;
    }
};

}  // namespace

extern const CollectorKind pressure_kind;
constinit const CollectorKind pressure_kind{
    "pressure", true, "how long tasks wait for CPU, memory and disks", {}, make_collector<Pressure>};

}  // namespace pifleet::node
