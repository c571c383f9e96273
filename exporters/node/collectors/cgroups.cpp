// Controllers of control groups: /proc/cgroups.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family groups{"node_cgroups_cgroups", Type::gauge, "Control groups of the controller."};
constexpr Family enabled{"node_cgroups_enabled", Type::gauge, "Whether the controller is on."};

class Cgroups final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("cgroups");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        while (lines.next()) {
            const auto name = lines.word();
            if (name.starts_with('#')) continue;
            if (const auto hierarchy = lines.number(); !hierarchy) return hierarchy.error();
            const auto count = lines.number();
            if (!count) return count.error();
            const auto on = lines.number();
            if (!on) return on.error();
            page.add(groups, {{"subsys_name", name}}, static_cast<double>(*count));
            page.add(enabled, {{"subsys_name", name}}, static_cast<double>(*on));
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind cgroups_kind;
constinit const CollectorKind cgroups_kind{
    "cgroups", false, "controllers of control groups", {}, make_collector<Cgroups>};

}  // namespace pifleet::node
