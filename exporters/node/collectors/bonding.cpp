// Bonded network devices: how many slaves each has and how many of them work.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family slaves{"node_bonding_slaves", Type::gauge, "Devices that the bond is made of."};
constexpr Family active{"node_bonding_active", Type::gauge, "Devices of the bond whose link is up."};

class Bonding final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/net");
        const auto masters = read_line(root + "/bonding_masters");
        if (!masters) return masters.error();
        std::string_view rest = *masters;
        Result<void> result;
        for (auto master = next_word(rest); !master.empty(); master = next_word(rest)) {
            if (master.find('/') == std::string_view::npos)
                note(result, add_bond(root + "/" + std::string(master), master, page));
        }
        return result;
    }

    // Files of network devices are opened each time: their folders can be renamed.
    static Result<void> add_bond(const std::string& folder, std::string_view master, metrics::Page& page) {
        const auto names = read_line(folder + "/bonding/slaves");
        if (!names) return failure(names.error().message);
        int count = 0, up = 0;
        std::string_view rest = *names;
        for (auto slave = next_word(rest); !slave.empty(); slave = next_word(rest)) {
            auto state = read_line(folder + "/lower_" + std::string(slave) + "/bonding_slave/mii_status");
            if (!state)  // before Linux 3.17
                state = read_line(folder + "/slave_" + std::string(slave) + "/bonding_slave/mii_status");
            if (!state) return failure(state.error().message);
            ++count;
            if (*state == "up") ++up;
        }
        const auto name = valid_utf8(master);
        page.add(slaves, {{"master", name}}, count);
        page.add(active, {{"master", name}}, up);
        return {};
    }
};

}  // namespace

extern const CollectorKind bonding_kind;
constinit const CollectorKind bonding_kind{
    "bonding",
    true,
    "bonded network devices",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Bonding>();
    },
};

}  // namespace pifleet::node
