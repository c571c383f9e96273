// /proc/meminfo: a gauge per line, whatever lines the kernel has; kB become bytes.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <set>

namespace pifleet::node {

namespace {

// "Active(anon)" is Active_anon. Empty: the line has no name that a metric could have.
std::string metric_name(std::string_view key) {
    std::string name = "node_memory_";
    for (const char c : key) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!letter && c != '(' && c != ')') return {};
        if (c != ')') name += c == '(' ? '_' : c;
    }
    return name;
}

Error bad_line(const std::string& path, int number) {
    return failure(path + " line " + std::to_string(number) + ": not 'NAME: NUMBER' or 'NAME: NUMBER kB'");
}

class Meminfo final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("meminfo");
        const auto text = read_lines(path);
        if (!text) return text.error();
        std::set<std::string_view> seen;
        std::string_view rest = *text;
        for (int number = 1; !rest.empty(); ++number) {
            auto line = next_line(rest);
            auto key = next_word(line);
            const auto value = to_unsigned(next_word(line));
            const auto unit = next_word(line);
            if (!key.ends_with(':') || key.size() < 2 || !value || !next_word(line).empty())
                return bad_line(path, number);
            if (!unit.empty() && unit != "kB") return bad_line(path, number);
            key.remove_suffix(1);
            auto name = metric_name(key);
            if (name.empty()) return bad_line(path, number);
            if (!seen.insert(key).second) return failure(path + ": " + std::string(key) + " stands twice");
            if (!unit.empty()) name += "_bytes";
            const auto help = "Memory: " + std::string(key) + " of /proc/meminfo.";
            page.add({name, metrics::Type::gauge, help},
                     static_cast<double>(*value) * (unit.empty() ? 1 : 1024));
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind meminfo_kind;
constinit const CollectorKind meminfo_kind{
    "meminfo",
    true,
    "how the memory is used",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Meminfo>();
    },
};

}  // namespace pifleet::node
