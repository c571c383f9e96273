// Watchdog timers of /sys/class/watchdog (the kernel's ABI/testing/sysfs-class-watchdog).
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr FileRow rows[] = {
    {"bootstatus",
     {"node_watchdog_bootstatus",
      Type::gauge,
      "Why the machine was booted, as the driver's bits; 0: not by it."}},
    {"fw_version", {"node_watchdog_fw_version", Type::gauge, "Version of the watchdog's firmware."}},
    {"nowayout", {"node_watchdog_nowayout", Type::gauge, "Whether the watchdog cannot be stopped any more."}},
    {"timeleft", {"node_watchdog_timeleft_seconds", Type::gauge, "Time until the machine is reset."}},
    {"timeout", {"node_watchdog_timeout_seconds", Type::gauge, "Time after which the machine is reset."}},
    {"pretimeout",
     {"node_watchdog_pretimeout_seconds", Type::gauge, "How long before a reset there is a warning."}},
    {"access_cs0", {"node_watchdog_access_cs0", Type::gauge, "Whether the boot flash may be accessed."}},
};
constexpr Family info{"node_watchdog_info", Type::gauge, "What the watchdog says that it is and does."};

class Watchdog final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/watchdog");
        const auto names = list_folder(root);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names) {
            const auto folder = root + "/" + name;
            const auto shown = valid_utf8(name);
            const metrics::Label label{"name", shown};
            note(result, add_file_rows(host, folder, rows, {&label, 1}, page));
            const auto text = [&](std::string_view file) {
                return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
            };
            page.add(info,
                     {{"identity", text("identity")},
                      label,
                      {"options", text("options")},
                      {"pretimeout_governor", text("pretimeout_governor")},
                      {"state", text("state")},
                      {"status", text("status")}},
                     1);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind watchdog_kind;
constinit const CollectorKind watchdog_kind{
    "watchdog",
    true,
    "watchdog timers",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Watchdog>();
    },
};

}  // namespace pifleet::node
