// CPU times (/proc/stat), throttling, online and isolated CPUs (/sys/devices/system/cpu) and, when asked for,
// what the CPUs are (/proc/cpuinfo).
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/cpu_info.hpp"
#include "exporters/node/collectors/cpu_ticks.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <re2/re2.h>

#include <set>
#include <utility>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family seconds{"node_cpu_seconds_total", Type::counter, "Time the CPU spent in each mode."};
constexpr Family guest_seconds{
    "node_cpu_guest_seconds_total",
    Type::counter,
    "Time the CPU spent running virtual machines; part of the modes user and nice as well."};
constexpr Family core_throttles{
    "node_cpu_core_throttles_total", Type::counter, "How often the core was slowed down because it was hot."};
constexpr Family package_throttles{"node_cpu_package_throttles_total",
                                   Type::counter,
                                   "How often the package was slowed down because it was hot."};
constexpr Family online{"node_cpu_online", Type::gauge, "Whether the CPU is online."};
constexpr Family isolated{"node_cpu_isolated", Type::gauge, "CPUs that the scheduler leaves alone."};
constexpr Family info{"node_cpu_info", Type::gauge, "What kind of CPU it is."};
constexpr Family flag_info{"node_cpu_flag_info", Type::gauge, "Features of the first CPU."};
constexpr Family bug_info{
    "node_cpu_bug_info", Type::gauge, "Hardware bugs of the first CPU that the kernel knows."};
constexpr Family frequency{"node_cpu_frequency_hertz", Type::gauge, "How fast the CPU runs now."};

constexpr process::Flag flags[] = {
    {"collector.cpu.guest", FlagKind::on_off, "true", "Show node_cpu_guest_seconds_total."},
    {"collector.cpu.info", FlagKind::on_off, "false", "Show what kind of CPUs there are."},
    {"collector.cpu.info.flags-include",
     FlagKind::text,
     "",
     "Features to show (regular expression; implies info)."},
    {"collector.cpu.info.bugs-include",
     FlagKind::text,
     "",
     "Hardware bugs to show (regular expression; implies info)."},
};

struct Mode {
    CpuMode column;
    std::string_view name;
};
constexpr Mode modes[] = {{cpu_user, "user"},
                          {cpu_nice, "nice"},
                          {cpu_system, "system"},
                          {cpu_idle, "idle"},
                          {cpu_iowait, "iowait"},
                          {cpu_irq, "irq"},
                          {cpu_softirq, "softirq"},
                          {cpu_steal, "steal"}};
constexpr Mode guest_modes[] = {{cpu_guest, "user"}, {cpu_guest_nice, "nice"}};

struct Settings {
    bool guest = true;
    bool info = false;
    std::unique_ptr<re2::RE2> flags;
    std::unique_ptr<re2::RE2> bugs;
};

void add_words(const Family& family,
               std::string_view label,
               std::string_view words,
               const re2::RE2* wanted,
               metrics::Page& page) {
    if (wanted == nullptr) return;
    std::set<std::string_view> seen;
    for (auto word = next_word(words); !word.empty(); word = next_word(words))
        if (matches(*wanted, word) && seen.insert(word).second)
            page.add(family, {{label, valid_utf8(word)}}, 1);
}

// "1-3,8" as numbers.
Result<std::set<unsigned>> parse_ranges(const std::string& path, std::string_view text) {
    std::set<unsigned> cpus;
    for (const auto range : split(text, ',')) {
        if (range.empty()) continue;
        const auto dash = range.find('-');
        const auto first = to_unsigned(range.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : to_unsigned(range.substr(dash + 1));
        if (!first || !last || *last < *first || *last > 65'535) return not_a_number(path, range);
        for (auto cpu = *first; cpu <= *last; ++cpu) cpus.insert(static_cast<unsigned>(cpu));
    }
    return cpus;
}

Result<void> add_isolated(const Host& host, metrics::Page& page) {
    const auto path = host.sys("devices/system/cpu/isolated");
    const auto text = read_kept_line(host, path);
    if (!text) return {};  // old kernels have no such file
    const auto cpus = parse_ranges(path, *text);
    if (!cpus) return cpus.error();
    for (const auto cpu : *cpus) page.add(isolated, {{"cpu", std::to_string(cpu)}}, 1);
    return {};
}

// Only Intel counts throttling here. Threads of a core and cores of a package share a counter: it is shown
// once.
Result<void> add_throttles(const Host& host,
                           const std::vector<std::string>& cpus,
                           const std::string& folder,
                           metrics::Page& page) {
    Result<void> result;
    std::set<std::pair<std::uint64_t, std::uint64_t>> cores;
    std::set<std::uint64_t> packages;
    for (const auto& cpu : cpus) {
        const auto path = folder + "/" + cpu;
        const auto of_core = read_unsigned(host, path + "/thermal_throttle/core_throttle_count");
        const auto of_package = read_unsigned(host, path + "/thermal_throttle/package_throttle_count");
        for (const auto* count : {&of_core, &of_package})
            if (!*count && count->error().kind == Error::Kind::failure) note(result, count->error());
        if (!of_core && !of_package) continue;
        const auto package = read_unsigned(host, path + "/topology/physical_package_id");
        const auto core = read_unsigned(host, path + "/topology/core_id");
        if (!package || !core) continue;
        const auto package_text = std::to_string(*package);
        if (of_core && cores.emplace(*package, *core).second)
            page.add(core_throttles,
                     {{"core", std::to_string(*core)}, {"package", package_text}},
                     static_cast<double>(*of_core));
        if (of_package && packages.insert(*package).second)
            page.add(package_throttles, {{"package", package_text}}, static_cast<double>(*of_package));
    }
    return result;
}

// Where the first CPU cannot be taken offline (x86), nothing is shown, as node_exporter does.
Result<void> add_online(const Host& host,
                        const std::vector<std::string>& cpus,
                        const std::string& folder,
                        metrics::Page& page) {
    Result<void> result;
    for (const auto& cpu : cpus) {
        const auto path = folder + "/" + cpu + "/online";
        const auto state = read_unsigned(host, path);
        if (state && *state <= 1) {
            page.add(online, {{"cpu", std::string_view(cpu).substr(3)}}, static_cast<double>(*state));
        } else if (state) {
            note(result, failure(path + " is neither 0 nor 1"));
        } else if (state.error().kind == Error::Kind::failure) {
            note(result, state.error());
        } else if (cpu == cpus.front()) {
            break;
        }
    }
    return result;
}

class Cpu final : public Collector {
  public:
    explicit Cpu(Settings settings) : settings_(std::move(settings)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        Result<void> result;
        if (settings_.info) note(result, add_info(host, page));
        note(result, add_times(host, page));
        note(result, add_isolated(host, page));
        const auto folder = host.sys("devices/system/cpu");
        const auto cpus = numbered_entries(folder, "cpu");
        note(result, add_throttles(host, cpus, folder, page));
        note(result, add_online(host, cpus, folder, page));
        return result;
    }

  private:
    Result<void> add_times(const Host& host, metrics::Page& page) {
        const auto path = host.proc("stat");
        const auto text = read_lines(path);
        if (!text) return text.error();
        if (auto updated = ticks_.update(path, *text); !updated) return updated;
        const auto add = [&](const Family& family, std::span<const Mode> shown) {
            for (const auto& [number, ticks] : ticks_.cpus()) {
                const auto cpu = std::to_string(number);
                for (const auto& mode : shown)
                    page.add(family,
                             {{"cpu", cpu}, {"mode", mode.name}},
                             static_cast<double>(ticks[mode.column]) / ticks_per_second);
            }
        };
        add(seconds, modes);
        if (settings_.guest) add(guest_seconds, guest_modes);
        return {};
    }

    Result<void> add_info(const Host& host, metrics::Page& page) const {
        const auto path = host.proc("cpuinfo");
        const auto text = read_lines(path);
        if (!text) return text.error();
        const auto valid = valid_utf8(*text);
        const auto cpus = parse_cpuinfo(path, valid);
        if (!cpus) return cpus.error();
        for (const auto& cpu : *cpus) {
            page.add(info,
                     {{"cachesize", cpu.cache_size},
                      {"core", cpu.core},
                      {"cpu", cpu.processor},
                      {"family", cpu.family},
                      {"microcode", cpu.microcode},
                      {"model", cpu.model},
                      {"model_name", cpu.model_name},
                      {"package", cpu.package},
                      {"stepping", cpu.stepping},
                      {"vendor", cpu.vendor}},
                     1);
            if (cpu.megahertz)
                page.add(frequency,
                         {{"core", cpu.core}, {"cpu", cpu.processor}, {"package", cpu.package}},
                         *cpu.megahertz * 1e6);
        }
        add_words(flag_info, "flag", cpus->front().flags, settings_.flags.get(), page);
        add_words(bug_info, "bug", cpus->front().bugs, settings_.bugs.get(), page);
        return {};
    }

    Settings settings_;
    CpuTicks ticks_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto wanted_flags = compile_pattern(given, "collector.cpu.info.flags-include");
    if (!wanted_flags) return wanted_flags.error();
    auto wanted_bugs = compile_pattern(given, "collector.cpu.info.bugs-include");
    if (!wanted_bugs) return wanted_bugs.error();
    const bool with_info = given.on("collector.cpu.info") || *wanted_flags || *wanted_bugs;
    return std::make_unique<Cpu>(Settings{
        given.on("collector.cpu.guest"), with_info, std::move(*wanted_flags), std::move(*wanted_bugs)});
}

}  // namespace

extern const CollectorKind cpu_kind;
constinit const CollectorKind cpu_kind{"cpu", true, "CPU times, throttling, online CPUs", flags, make};

}  // namespace pifleet::node
