#include "exporters/node/collectors/cpu_info.hpp"

#include "common/base/text.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <set>

namespace pifleet::node {

namespace {

struct Key {
    std::string_view name;
    std::string_view CpuInfo::*member;
};

constexpr Key keys[] = {
    {"vendor_id", &CpuInfo::vendor},
    {"vendor", &CpuInfo::vendor},
    {"cpu family", &CpuInfo::family},
    {"model", &CpuInfo::model},
    {"model name", &CpuInfo::model_name},
    {"stepping", &CpuInfo::stepping},
    {"microcode", &CpuInfo::microcode},
    {"cache size", &CpuInfo::cache_size},
    {"physical id", &CpuInfo::package},
    {"core id", &CpuInfo::core},
    {"flags", &CpuInfo::flags},
    {"Features", &CpuInfo::flags},  // ARM's word for it
    {"bugs", &CpuInfo::bugs},
};

}  // namespace

Result<std::vector<CpuInfo>> parse_cpuinfo(const std::string& path, std::string_view text) {
    std::vector<CpuInfo> cpus;
    std::set<std::string_view> seen;
    while (!text.empty()) {
        const auto line = next_line(text);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const auto name = trim(line.substr(0, colon));
        const auto value = trim(line.substr(colon + 1));
        if (name == "processor") {
            if (!to_unsigned(value)) return not_a_number(path, value);
            if (!seen.insert(value).second)
                return failure(path + ": processor " + std::string(value) + " stands twice");
            cpus.emplace_back().processor = value;
            continue;
        }
        if (cpus.empty()) continue;
        if (name == "cpu MHz") {
            cpus.back().megahertz = to_double(value);
            if (!cpus.back().megahertz) return not_a_number(path, value);
        }
        for (const auto& key : keys)
            if (key.name == name) cpus.back().*key.member = value;
    }
    if (cpus.empty()) return failure(path + " has no line 'processor'");
    return cpus;
}

}  // namespace pifleet::node
