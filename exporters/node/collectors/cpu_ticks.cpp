#include "exporters/node/collectors/cpu_ticks.hpp"

#include "common/base/text.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <algorithm>

namespace pifleet::node {

namespace {

constexpr unsigned most_cpus = 65'536;  // so that a hostile file cannot make the table grow for ever

// The kernel's idle and iowait times can step back by a little, and start anew when a CPU is plugged in
// again: then idle falls far, and everything is taken as it comes.
constexpr std::uint64_t replugged = 3 * static_cast<std::uint64_t>(ticks_per_second);

void advance(Ticks& known, const Ticks& read) {
    if (known[cpu_idle] > read[cpu_idle] && known[cpu_idle] - read[cpu_idle] >= replugged) known = {};
    for (std::size_t mode = 0; mode < cpu_modes; ++mode) known[mode] = std::max(known[mode], read[mode]);
}

}  // namespace

Result<void> CpuTicks::update(const std::string& path, std::string_view stat) {
    std::map<unsigned, Ticks> read;
    while (!stat.empty()) {
        auto line = next_line(stat);
        const auto name = next_word(line);
        if (!name.starts_with("cpu") || name.size() == 3) continue;
        const auto number = to_unsigned(name.substr(3));
        if (!number || *number >= most_cpus) return not_a_number(path, name.substr(3));
        Ticks ticks{};
        for (auto& mode : ticks) {
            const auto word = next_word(line);
            const auto value = to_unsigned(word);
            if (!value) return not_a_number(path, word);
            mode = *value;
        }
        if (!read.emplace(static_cast<unsigned>(*number), ticks).second)
            return failure(path + ": " + std::string(name) + " stands twice");
    }
    if (read.empty()) return failure(path + " has no line 'cpu0'");
    for (const auto& [number, ticks] : read) advance(cpus_[number], ticks);
    return {};
}

}  // namespace pifleet::node
