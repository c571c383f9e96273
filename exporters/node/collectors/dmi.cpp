// What the firmware says of board and case: /sys/class/dmi/id. It never changes, so it is read once. A Pi has
// none.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_dmi_info", Type::gauge, "What the firmware says of board and case."};

struct Field {
    std::string_view file, label;
};
constexpr Field fields_shown[] = {
    {"bios_date", "bios_date"},
    {"bios_release", "bios_release"},
    {"bios_vendor", "bios_vendor"},
    {"bios_version", "bios_version"},
    {"board_asset_tag", "board_asset_tag"},
    {"board_name", "board_name"},
    {"board_serial", "board_serial"},
    {"board_vendor", "board_vendor"},
    {"board_version", "board_version"},
    {"chassis_asset_tag", "chassis_asset_tag"},
    {"chassis_serial", "chassis_serial"},
    {"chassis_vendor", "chassis_vendor"},
    {"chassis_version", "chassis_version"},
    {"product_family", "product_family"},
    {"product_name", "product_name"},
    {"product_serial", "product_serial"},
    {"product_sku", "product_sku"},
    {"product_uuid", "product_uuid"},
    {"product_version", "product_version"},
    {"sys_vendor", "system_vendor"},
};

class Dmi final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (values_.empty()) {
            const auto folder = host.sys("class/dmi/id");
            if (const auto there = list_folder(folder); !there) return there.error();
            // What only root may read is left out.
            for (const auto& field : fields_shown)
                if (const auto text = read_line(folder + "/" + std::string(field.file)))
                    values_.emplace_back(field.label, valid_utf8(*text));
        }
        std::vector<metrics::Label> labels;
        for (const auto& [label, value] : values_) labels.push_back({label, value});
        page.add(info, labels, 1);
        return {};
    }

    std::vector<std::pair<std::string_view, std::string>> values_;
};

}  // namespace

extern const CollectorKind dmi_kind;
constinit const CollectorKind dmi_kind{
    "dmi",
    true,
    "names of board and case",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> { return std::make_unique<Dmi>(); },
};

}  // namespace pifleet::node
