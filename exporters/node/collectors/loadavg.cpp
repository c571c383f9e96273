// The three load averages of /proc/loadavg.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family averages[] = {
    {"node_load1", Type::gauge, "Load average over one minute."},
    {"node_load5", Type::gauge, "Load average over five minutes."},
    {"node_load15", Type::gauge, "Load average over fifteen minutes."},
};

class Loadavg final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("loadavg");
        const auto text = read_lines(path);
        if (!text) return text.error();
        std::string_view rest = *text;
        for (const auto& average : averages) {
            const auto word = next_word(rest);
            const auto value = to_double(word);
            if (!value) return not_a_number(path, word);
            page.add(average, *value);
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind loadavg_kind;
constinit const CollectorKind loadavg_kind{
    "loadavg",
    true,
    "load averages",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Loadavg>();
    },
};

}  // namespace pifleet::node
