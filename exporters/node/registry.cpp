// Each collector has a declaration and a place in the list here, and nothing else outside its own file.
#include "exporters/node/registry.hpp"

#include <string>
#include <vector>

namespace pifleet::node {

extern const CollectorKind cpu_kind;
extern const CollectorKind diskstats_kind;
extern const CollectorKind filesystem_kind;
extern const CollectorKind hwmon_kind;
extern const CollectorKind loadavg_kind;
extern const CollectorKind meminfo_kind;
extern const CollectorKind netdev_kind;
extern const CollectorKind stat_kind;
extern const CollectorKind thermal_zone_kind;
extern const CollectorKind time_kind;
extern const CollectorKind uname_kind;
extern const CollectorKind textfile_kind;

namespace {

constinit const CollectorKind* const kinds[] = {
    &cpu_kind,
    &diskstats_kind,
    &filesystem_kind,
    &hwmon_kind,
    &loadavg_kind,
    &meminfo_kind,
    &netdev_kind,
    &stat_kind,
    &thermal_zone_kind,
    &time_kind,
    &uname_kind,
    &textfile_kind,  // last: it must see whose names are taken
};

// The rows of --collector.NAME, with the texts that they point to.
struct Switches {
    Switches() {
        texts.reserve(2 * std::size(kinds));  // so that no text moves
        for (const auto* kind : kinds) {
            const auto& name = texts.emplace_back(switch_name(*kind));
            const auto& help = texts.emplace_back("Collect " + std::string(kind->help) + ".");
            rows.push_back({name, process::FlagKind::on_off, kind->enabled ? "true" : "false", help});
        }
    }
    std::vector<std::string> texts;
    std::vector<process::Flag> rows;
};

}  // namespace

std::span<const CollectorKind* const> registry() {
    return kinds;
}

std::string switch_name(const CollectorKind& kind) {
    return "collector." + std::string(kind.name);
}

void declare_collector_flags(process::CommandLine& flags) {
    static const Switches switches;
    flags.declare(switches.rows);
    for (const auto* kind : kinds) flags.declare(kind->flags);
}

}  // namespace pifleet::node
