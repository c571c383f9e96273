// Memory of each node of a NUMA machine: /sys/devices/system/node/nodeN/{meminfo,numastat}.
#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <set>

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr double kilo = 1024;

// "Active(anon)" becomes Active_anon; nothing where the word cannot be part of a metric's name.
std::string name_of(std::string_view word) {
    std::string name;
    for (const char c : word) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (plain)
            name += c;
        else if (c == '(')
            name += '_';
        else if (c != ')')
            return {};
    }
    return name;
}

// "Node 0 MemTotal:       134182340 kB"
Result<void> add_meminfo(const std::string& path,
                         std::string_view text,
                         const metrics::Label& node,
                         metrics::Page& page) {
    std::set<std::string> seen;
    while (!text.empty()) {
        auto line = next_line(text);
        if (next_word(line) != "Node") return failure(path + ": a line is not about a node");
        next_word(line);
        auto key = next_word(line);
        if (!key.ends_with(':')) return failure(path + ": a line has no name");
        key.remove_suffix(1);
        const auto value = to_unsigned(next_word(line));
        const auto unit = next_word(line);
        const auto name = name_of(key);
        if (!value || name.empty() || (!unit.empty() && unit != "kB") || !seen.insert(name).second)
            return failure(path + ": the line of '" + printable(key, 40) + "' has no number");
        page.add({"node_memory_numa_" + name,
                  Type::gauge,
                  "The node's line of meminfo, in bytes where it has a unit."},
                 {node},
                 static_cast<double>(*value) * (unit.empty() ? 1 : kilo));
    }
    return {};
}

// "numa_hit 193460934290"
Result<void> add_numastat(const std::string& path,
                          std::string_view text,
                          const metrics::Label& node,
                          metrics::Page& page) {
    std::set<std::string> seen;
    while (!text.empty()) {
        auto line = next_line(text);
        const auto key = next_word(line);
        const auto value = to_unsigned(next_word(line));
        const auto name = name_of(key);
        if (!value || name.empty() || !seen.insert(name).second)
            return failure(path + ": the line of '" + printable(key, 40) + "' has no number");
        page.add(
            {"node_memory_numa_" + name + "_total", Type::counter, "The node's line of numastat, in pages."},
            {node},
            static_cast<double>(*value));
    }
    return {};
}

class MeminfoNuma final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("devices/system/node");
        Result<void> result;
        for (const auto& name : numbered_entries(root, "node")) {
            const metrics::Label node{"node", std::string_view(name).substr(4)};
            const auto add = [&](const std::string& path, auto add_text) {
                const auto text = line_if_any(host, path);
                note(result, add_text(path, text, node, page));
            };
            add(root + "/" + name + "/meminfo", add_meminfo);
            add(root + "/" + name + "/numastat", add_numastat);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind meminfo_numa_kind;
constinit const CollectorKind meminfo_numa_kind{
    "meminfo_numa",
    false,
    "memory of each NUMA node",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<MeminfoNuma>();
    },
};

}  // namespace pifleet::node
