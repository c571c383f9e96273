// What the CPUs count: faults and switches by the kernel, cycles, instructions and caches by the hardware,
// tracepoints. Counters are opened at the first scrape; a counter that this CPU does not have is left out.
#include "exporters/node/collectors/perf.hpp"

#include "common/base/text.hpp"
#include "exporters/node/collectors/perf_events.hpp"
#include "exporters/node/machine_files.hpp"

#include <linux/perf_event.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr std::string_view cpus_flag = "collector.perf.cpus";
constexpr std::string_view tracepoint_flag = "collector.perf.tracepoint";
constexpr process::Flag flags[] = {
    {cpus_flag, FlagKind::text, "", "CPUs to count on: 0,2-7 or 0-6:2; empty: all that are online."},
    {tracepoint_flag, FlagKind::list, "", "Tracepoint to count, as sched:sched_switch."},
    {"collector.perf.disable-hardware-profilers",
     FlagKind::on_off,
     "false",
     "No cycles, instructions, branches."},
    {"collector.perf.hardware-profilers", FlagKind::list, "", "Only these, as CpuCycles, CpuInstr."},
    {"collector.perf.disable-software-profilers", FlagKind::on_off, "false", "No faults and switches."},
    {"collector.perf.software-profilers", FlagKind::list, "", "Only these, as PageFault, ContextSwitch."},
    {"collector.perf.disable-cache-profilers", FlagKind::on_off, "false", "Nothing of the caches."},
    {"collector.perf.cache-profilers", FlagKind::list, "", "Only these, as L1DataReadHit, LLReadMiss."},
};

struct Group {
    std::string_view name;
    std::span<const PerfEvent> (*events)();
};
constexpr Group groups[] = {
    {"hardware", perf_hardware_events}, {"software", perf_software_events}, {"cache", perf_cache_events}};

// Adds the events of a group that the flags ask for.
Result<void> choose(const process::CommandLine& given, const Group& group, std::vector<PerfEvent>& chosen) {
    const auto name = std::string(group.name) + "-profilers";
    if (given.on("collector.perf.disable-" + name)) return {};
    const auto all = group.events();
    const auto& wanted = given.list("collector.perf." + name);
    for (const auto& word : wanted) {
        std::vector<std::string_view> names;
        for (const auto& event : all) names.push_back(event.name);
        if (std::find(names.begin(), names.end(), word) == names.end())
            return failure("--collector.perf." + name + ": there is no '" + word + "'" +
                           did_you_mean(word, names));
    }
    for (const auto& event : all)
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), event.name) != wanted.end())
            chosen.push_back(event);
    return {};
}

// "0,2-6:2" as numbers.
std::optional<std::set<unsigned>> parse_cpus(std::string_view text) {
    std::set<unsigned> cpus;
    for (const auto part : split(text, ',')) {
        const auto colon = part.find(':');
        const auto range = part.substr(0, colon);
        const auto dash = range.find('-');
        const auto first = to_unsigned(range.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : to_unsigned(range.substr(dash + 1));
        const auto step =
            colon == std::string_view::npos ? 1 : to_unsigned(part.substr(colon + 1)).value_or(0);
        if (!first || !last || *last < *first || *last > 8191 || step == 0) return std::nullopt;
        for (auto cpu = *first; cpu <= *last; cpu += std::min<std::uint64_t>(step, 8192))
            cpus.insert(static_cast<unsigned>(cpu));
    }
    return cpus;
}

struct Tracepoint {
    std::string path;  // below events/
    std::string family, help;
};

std::optional<Tracepoint> parse_tracepoint(std::string_view text) {
    const auto parts = split(text, ':');
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const auto bad = [&](auto part) { return part.empty() || part.find_first_not_of(letters) != part.npos; };
    if (parts.size() != 2 || bad(parts[0]) || bad(parts[1])) return std::nullopt;
    const auto system = std::string(parts[0]);
    const auto event = std::string(parts[1]);
    return Tracepoint{system + "/" + event,
                      "node_perf_" + system + "_" + event,
                      "Times that the kernel came by " + system + ":" + event + "."};
}

class Perf final : public Collector {
  public:
    Perf(PerfOpen open,
         std::vector<PerfEvent> events,
         std::vector<Tracepoint> tracepoints,
         std::set<unsigned> cpus)
        : open_(std::move(open)),
          events_(std::move(events)),
          tracepoints_(std::move(tracepoints)),
          cpus_(std::move(cpus)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (const auto found = find_tracepoints(host); !found) return found.error();
        const auto cpus = cpus_.empty() ? online(host) : cpus_;
        if (!cpus) return cpus.error();
        Result<void> result;
        for (const auto cpu : *cpus) {
            if (!counters_.contains(cpu)) note(result, open_all(cpu));
            if (const auto known = counters_.find(cpu); known != counters_.end())
                note(result, show(cpu, known->second, page));
        }
        return result;
    }

  private:
    struct Open {
        PerfCounter counter;
        Family family;
    };

    static Result<std::set<unsigned>> online(const Host& host) {
        const auto path = host.sys("devices/system/cpu/online");
        const auto text = read_kept_line(host, path);
        if (!text) return failure(text.error().message);
        if (auto cpus = parse_cpus(*text)) return *cpus;
        return failure(path + ": '" + *text + "' is no list of CPUs");
    }

    // Their numbers are the running kernel's, so they are looked up once it is known where.
    Result<void> find_tracepoints(const Host& host) {
        for (; found_ < tracepoints_.size(); ++found_) {
            const auto& tracepoint = tracepoints_[found_];
            const auto file = "events/" + tracepoint.path + "/id";
            auto number = read_unsigned(host.sys("kernel/tracing/" + file));
            // Where tracefs was before it had a place of its own.
            if (const auto old = read_unsigned(host.sys("kernel/debug/tracing/" + file)); !number && old)
                number = *old;
            if (!number)
                return failure("perf: tracepoint " + tracepoint.path + ": " + number.error().message);
            events_.push_back({tracepoint.path,
                               PERF_TYPE_TRACEPOINT,
                               *number,
                               {tracepoint.family, Type::counter, tracepoint.help}});
        }
        return {};
    }

    Result<void> open_all(unsigned cpu) {
        std::vector<Open> opened;
        for (const auto& event : events_) {
            const int descriptor = open_(event.type, event.config, cpu);
            if (descriptor >= 0) opened.push_back({PerfCounter(descriptor), event.family});
            if (descriptor == -EACCES || descriptor == -EPERM)
                return failure(
                    "perf: not allowed to count on a CPU: this needs CAP_PERFMON, or the sysctl "
                    "kernel.perf_event_paranoid at 0 or below");
            if (descriptor == -EMFILE || descriptor == -ENFILE || descriptor == -ENOMEM)
                return failure(std::string("perf: cannot open a counter: ") + std::strerror(-descriptor));
        }
        counters_.emplace(cpu, std::move(opened));
        return {};
    }

    static Result<void> show(unsigned cpu, std::vector<Open>& opened, metrics::Page& page) {
        Result<void> result;
        const auto number = std::to_string(cpu);
        for (auto& [counter, family] : opened) {
            if (const auto value = counter.read())
                page.add(family, {{"cpu", number}}, *value);
            else
                note(result, value.error());
        }
        return result;
    }

    PerfOpen open_;
    std::vector<PerfEvent> events_;
    std::vector<Tracepoint> tracepoints_;
    std::size_t found_ = 0;  // tracepoints that are among the events
    std::set<unsigned> cpus_;
    std::map<unsigned, std::vector<Open>> counters_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    return make_perf(given, open_perf_event);
}

}  // namespace

Result<std::unique_ptr<Collector>> make_perf(const process::CommandLine& given, PerfOpen open) {
    std::vector<PerfEvent> events;
    for (const auto& group : groups)
        if (const auto chosen = choose(given, group, events); !chosen) return chosen.error();
    std::vector<Tracepoint> tracepoints;
    std::set<std::string> seen;
    for (const auto& word : given.list(tracepoint_flag)) {
        auto tracepoint = parse_tracepoint(word);
        if (!tracepoint)
            return failure("--collector.perf.tracepoint: '" + word + "' is not of the form system:event");
        if (seen.insert(tracepoint->family).second) tracepoints.push_back(std::move(*tracepoint));
    }
    std::set<unsigned> cpus;
    if (const auto& text = given.text(cpus_flag); !text.empty()) {
        auto parsed = parse_cpus(text);
        if (!parsed) return failure("--collector.perf.cpus: '" + text + "' is no list of CPUs such as 0,2-7");
        cpus = std::move(*parsed);
    }
    return std::make_unique<Perf>(
        std::move(open), std::move(events), std::move(tracepoints), std::move(cpus));
}

extern const CollectorKind perf_kind;
constinit const CollectorKind perf_kind{"perf", false, "performance counters (perf_event_open)", flags, make};

}  // namespace pifleet::node
