// What became of the packets that each CPU took over from the network cards (/proc/net/softnet_stat: a row of
// hexadecimal numbers per CPU). Older kernels have fewer columns; the row of a CPU that is off is missing.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <array>
#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::size_t column;
    Family family;
};

constexpr Row rows[] = {
    {0, {"node_softnet_processed_total", Type::counter, "Packets handled."}},
    {1, {"node_softnet_dropped_total", Type::counter, "Packets dropped because the backlog was full."}},
    {2,
     {"node_softnet_times_squeezed_total",
      Type::counter,
      "Times that the work was put off because its time was up."}},
    {8,
     {"node_softnet_cpu_collision_total",
      Type::counter,
      "Times that another CPU held the device while sending."}},
    {9,
     {"node_softnet_received_rps_total",
      Type::counter,
      "Times that another CPU woke this one to handle packets."}},
    {10,
     {"node_softnet_flow_limit_count_total",
      Type::counter,
      "Packets dropped because one flow sent too many."}},
    {11, {"node_softnet_backlog_len", Type::gauge, "Packets that wait in the backlog."}},
};
constexpr std::size_t fewest = 9, index_column = 12;

class Softnet final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("net/softnet_stat");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        for (std::uint64_t row_number = 0; lines.next(); ++row_number) {
            std::array<std::uint64_t, index_column + 1> values{};
            std::size_t count = 0;
            for (auto word = lines.word(); !word.empty() && count < values.size(); word = lines.word()) {
                const auto value = from_hex(word);
                if (!value) return lines.error("not a row of hexadecimal numbers");
                values[count++] = *value;
            }
            if (count < fewest) return lines.error("too few numbers");
            const auto cpu = std::to_string(count > index_column ? values[index_column] : row_number);
            for (const auto& row : rows)
                page.add(row.family, {{"cpu", cpu}}, static_cast<double>(values[row.column]));
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind softnet_kind;
constinit const CollectorKind softnet_kind{
    "softnet", true, "packets handled, by CPU", {}, make_collector<Softnet>};

}  // namespace pifleet::node
