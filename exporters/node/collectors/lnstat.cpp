// Counters of the network's caches: every file of /proc/net/stat has a line of names and a line of
// hexadecimal numbers for each CPU.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>
#include <vector>

namespace pifleet::node {

namespace {

class Lnstat final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.proc("net/stat");
        const auto files = list_folder(folder);
        if (!files) return files.error();
        Result<void> result;
        for (const auto& file : *files) note(result, add_file(folder + "/" + file, valid_utf8(file), page));
        return result;
    }

    Result<void> add_file(const std::string& path, std::string_view subsystem, metrics::Page& page) {
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        std::vector<std::string> names;
        for (auto name = lines.word(); !name.empty(); name = lines.word())
            names.push_back(std::string(name) + "_total");
        for (int cpu = 0; lines.next(); ++cpu) {
            const auto number = std::to_string(cpu);
            for (const auto& name : names) {
                const auto value = lines.hex_number();
                if (!value) return value.error();
                const auto& field = metrics_[name];
                if (!field.valid) return lines.error("no field that a metric could be called after");
                page.add(
                    field.family, {{"cpu", number}, {"subsystem", subsystem}}, static_cast<double>(*value));
            }
        }
        return {};
    }

    FieldMetrics metrics_{"node_lnstat_", metrics::Type::counter, "Of the files in /proc/net/stat: "};
};

}  // namespace

extern const CollectorKind lnstat_kind;
constinit const CollectorKind lnstat_kind{
    "lnstat", false, "counters of the network's caches", {}, make_collector<Lnstat>};

}  // namespace pifleet::node
