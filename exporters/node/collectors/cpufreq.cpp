// Frequencies and governors of /sys/devices/system/cpu/cpuN/cpufreq. Which CPUs there are is read from the
// folder alone, not from the file "offline", which some kernels do not have.
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr double kilo = 1000;  // the files have kHz
constexpr FileRow rows[] = {
    {"cpuinfo_cur_freq", {"node_cpu_frequency_hertz", Type::gauge, "How fast the CPU runs now."}, kilo},
    {"cpuinfo_min_freq",
     {"node_cpu_frequency_min_hertz", Type::gauge, "The slowest that the CPU can run."},
     kilo},
    {"cpuinfo_max_freq",
     {"node_cpu_frequency_max_hertz", Type::gauge, "The fastest that the CPU can run."},
     kilo},
    {"scaling_cur_freq",
     {"node_cpu_scaling_frequency_hertz", Type::gauge, "How fast the governor has set the CPU to run."},
     kilo},
    {"scaling_min_freq",
     {"node_cpu_scaling_frequency_min_hertz", Type::gauge, "The slowest that the governor may choose."},
     kilo},
    {"scaling_max_freq",
     {"node_cpu_scaling_frequency_max_hertz", Type::gauge, "The fastest that the governor may choose."},
     kilo},
};

constexpr Family governor{
    "node_cpu_scaling_governor", Type::gauge, "Which of the governors that there are is in use."};

class Cpufreq final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("devices/system/cpu");
        Result<void> result;
        for (const auto& cpu : numbered_entries(root, "cpu")) {
            const auto folder = root + "/" + cpu + "/cpufreq";
            const metrics::Label label{"cpu", std::string_view(cpu).substr(3)};
            note(result, add_file_rows(host, folder, rows, {&label, 1}, page));
            const auto in_use = line_if_any(host, folder + "/scaling_governor");
            if (in_use.empty()) continue;
            const auto available = line_if_any(host, folder + "/scaling_available_governors");
            std::string_view rest = available;
            for (auto name = next_word(rest); !name.empty(); name = next_word(rest))
                page.add(governor, {label, {"governor", valid_utf8(name)}}, name == in_use ? 1 : 0);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind cpufreq_kind;
constinit const CollectorKind cpufreq_kind{
    "cpufreq",
    true,
    "CPU frequencies and governors",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Cpufreq>();
    },
};

}  // namespace pifleet::node
