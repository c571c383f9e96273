#include "exporters/node/commands/commands.hpp"
#include "exporters/node/registry.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace pifleet::node {

namespace {

std::string remark(const Exporter::Outcome& outcome) {
    if (outcome.result) {
        if (outcome.samples == 0) return "nothing of its kind here";
        return std::to_string(outcome.samples) + (outcome.samples == 1 ? " sample" : " samples");
    }
    const bool absent = outcome.result.error().kind == Error::Kind::absent;
    return (absent ? "silent: " : "fails: ") + outcome.result.error().message;
}

}  // namespace

int list_collectors(Exporter& exporter) {
    auto kinds = std::vector<const CollectorKind*>(registry().begin(), registry().end());
    std::sort(kinds.begin(), kinds.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    const auto outcomes = exporter.try_each();
    std::string table = "collector          by default  now  here\n";
    for (const auto* kind : kinds) {
        const auto found = std::find_if(outcomes.begin(), outcomes.end(), [&](const auto& outcome) {
            return outcome.name == kind->name;
        });
        const bool on = found != outcomes.end();
        std::string row(kind->name);
        row.resize(std::max<std::size_t>(row.size() + 1, 19), ' ');
        row += kind->enabled ? "on          " : "off         ";
        row += on ? "on   " + remark(*found) : "off";
        table += row + '\n';
    }
    return std::fputs(table.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace pifleet::node
