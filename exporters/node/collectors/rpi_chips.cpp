#include "exporters/node/collectors/rpi_chips.hpp"

#include "common/base/files.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

std::string raspberry_model(const Host& host) {
    const auto text = read_file(host.proc("device-tree/model"), 4096);
    if (!text || !text->starts_with("Raspberry Pi")) return {};
    return valid_utf8(text->substr(0, text->find('\0')));
}

std::string chip_folder(const Host& host, std::string_view driver) {
    const auto chips = host.sys("class/hwmon");
    for (const auto& name : numbered_entries(chips, "hwmon"))
        if (auto folder = chips + "/" + name; line_if_any(host, folder + "/name") == driver) return folder;
    return {};
}

}  // namespace pifleet::node
