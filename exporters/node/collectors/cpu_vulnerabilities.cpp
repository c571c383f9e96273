// Hardware bugs of the CPU and what the kernel does about them: /sys/devices/system/cpu/vulnerabilities.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_cpu_vulnerabilities_info",
                      Type::gauge,
                      "Each hardware bug that the kernel knows: its state and what is done about it."};

struct State {
    std::string_view begins, state;
};
constexpr State states[] = {{"Not affected", "not affected"},
                            {"Vulnerable", "vulnerable"},
                            {"Mitigation", "mitigation"},
                            {"Unknown", "unknown"}};

class CpuVulnerabilities final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("devices/system/cpu/vulnerabilities");
        const auto names = list_folder(root);
        if (!names) return names.error();
        for (const auto& name : *names) {
            const auto text = valid_utf8(line_if_any(host, root + "/" + name));
            if (text.empty()) continue;
            std::string_view state = "unknown", done = text;
            for (const auto& one : states) {
                if (!text.starts_with(one.begins)) continue;
                state = one.state;
                done.remove_prefix(one.begins.size());
                if (done.starts_with(':')) done.remove_prefix(1);
                done = trim(done);
                break;
            }
            page.add(info, {{"codename", valid_utf8(name)}, {"mitigation", done}, {"state", state}}, 1);
        }
        return {};
    }
};

}  // namespace

extern const CollectorKind cpu_vulnerabilities_kind;
constinit const CollectorKind cpu_vulnerabilities_kind{
    "cpu_vulnerabilities",
    false,
    "hardware bugs of the CPU",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<CpuVulnerabilities>();
    },
};

}  // namespace pifleet::node
