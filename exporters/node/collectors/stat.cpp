// The lines of /proc/stat that are not about one CPU: interrupts, context switches, forks, boot time,
// processes.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <array>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view key;  // the line's first word; its second is the value
    Family family;
};

constexpr Row rows[] = {
    {"intr", {"node_intr_total", Type::counter, "Interrupts serviced since boot."}},
    {"ctxt", {"node_context_switches_total", Type::counter, "Context switches since boot."}},
    {"processes", {"node_forks_total", Type::counter, "Processes and threads created since boot."}},
    {"btime", {"node_boot_time_seconds", Type::gauge, "When the machine was booted, in seconds since 1970."}},
    {"procs_running", {"node_procs_running", Type::gauge, "Threads that run or are ready to run."}},
    {"procs_blocked", {"node_procs_blocked", Type::gauge, "Processes that wait for a disk or the like."}},
};

constexpr Family softirqs{"node_softirqs_total", Type::counter, "Soft interrupts since boot, by vector."};
constexpr std::string_view vectors[] = {
    "hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu"};

constexpr process::Flag flags[] = {
    {"collector.stat.softirq", process::FlagKind::on_off, "false", "Also show soft interrupts by vector."},
};

Result<void> add_softirqs(const std::string& path, std::string_view line, metrics::Page& page) {
    next_word(line);  // the sum of all
    for (const auto vector : vectors) {
        const auto word = next_word(line);
        const auto value = to_unsigned(word);
        if (!value) return not_a_number(path, word);
        page.add(softirqs, {{"vector", vector}}, static_cast<double>(*value));
    }
    return {};
}

class Stat final : public Collector {
  public:
    explicit Stat(bool with_softirqs) : with_softirqs_(with_softirqs) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("stat");
        const auto text = read_lines(path);
        if (!text) return text.error();
        std::array<bool, std::size(rows)> seen{};
        bool softirqs_seen = !with_softirqs_;
        std::string_view rest = *text;
        while (!rest.empty()) {
            auto line = next_line(rest);
            const auto key = next_word(line);
            if (key == "softirq" && !softirqs_seen) {
                softirqs_seen = true;
                if (auto added = add_softirqs(path, line, page); !added) return added;
            }
            for (std::size_t i = 0; i < std::size(rows); ++i) {
                if (rows[i].key != key || seen[i]) continue;
                const auto word = next_word(line);
                const auto value = to_unsigned(word);
                if (!value) return not_a_number(path, word);
                page.add(rows[i].family, static_cast<double>(*value));
                seen[i] = true;
            }
        }
        for (std::size_t i = 0; i < std::size(rows); ++i)
            if (!seen[i]) return failure(path + " has no line '" + std::string(rows[i].key) + "'");
        if (!softirqs_seen) return failure(path + " has no line 'softirq'");
        return {};
    }

  private:
    bool with_softirqs_;
};

}  // namespace

extern const CollectorKind stat_kind;
constinit const CollectorKind stat_kind{
    "stat",
    true,
    "interrupts, context switches, forks, boot time",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Stat>(given.on("collector.stat.softirq"));
    },
};

}  // namespace pifleet::node
