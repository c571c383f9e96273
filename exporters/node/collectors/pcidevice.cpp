// PCI devices: what they are, how fast their links are and were meant to be, how much of them sleeps. A Pi 5
// has its RP1, whatever stands in its M.2 slot, and the bridges to both.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/pci_ids.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family info{"node_pcidevice_info", Type::gauge, "What the device is and where; always 1."};
constexpr Family power_state{"node_pcidevice_power_state", Type::gauge, "The state of the label is on: 1."};
constexpr Family numa_node{
    "node_pcidevice_numa_node", Type::gauge, "The memory node that the device is near to."};

struct Link {
    std::string_view file;
    bool in_transfers;  // a second; else in lanes
    Family family;
};
constexpr Link links[] = {
    {"max_link_speed",
     true,
     {"node_pcidevice_max_link_transfers_per_second",
      Type::gauge,
      "Transfers a second that the link is made for; -1: no link."}},
    {"max_link_width",
     false,
     {"node_pcidevice_max_link_width", Type::gauge, "Lanes that the link is made for; -1: no link."}},
    {"current_link_speed",
     true,
     {"node_pcidevice_current_link_transfers_per_second",
      Type::gauge,
      "Transfers a second of the link now; -1: no link."}},
    {"current_link_width",
     false,
     {"node_pcidevice_current_link_width", Type::gauge, "Lanes of the link now; -1: no link."}},
};

// 0 where there is no such file.
struct Row {
    std::string_view file;
    Family family;
};
constexpr Row rows[] = {
    {"d3cold_allowed",
     {"node_pcidevice_d3cold_allowed", Type::gauge, "Whether the device may lose its power while asleep."}},
    {"sriov_drivers_autoprobe",
     {"node_pcidevice_sriov_drivers_autoprobe",
      Type::gauge,
      "Whether virtual functions get drivers at once."}},
    {"sriov_numvfs", {"node_pcidevice_sriov_numvfs", Type::gauge, "Virtual functions that are on."}},
    {"sriov_totalvfs", {"node_pcidevice_sriov_totalvfs", Type::gauge, "Virtual functions that could be on."}},
    {"sriov_vf_total_msix",
     {"node_pcidevice_sriov_vf_total_msix", Type::gauge, "MSI-X vectors for the virtual functions."}},
};

constexpr std::string_view power_states[] = {"D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"};

constexpr std::string_view file_flag = "collector.pcidevice.idsfile";
constexpr std::string_view names_flag = "collector.pcidevice.names";
constexpr process::Flag flags[] = {
    {file_flag, FlagKind::text, "", "The file pci.ids; without: where Debian or Fedora have it."},
    {names_flag, FlagKind::on_off, "false", "Name the devices out of pci.ids."},
};
struct Location {
    std::string segment, bus, device, function;
};

std::string padded_hex(std::uint64_t number, int digits) {
    char text[24];
    std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(number));
    return text;
}

// "0000:01:00.0"
std::optional<Location> parse_location(std::string_view text) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return {};
    const auto parts = split(text.substr(0, dot), ':');
    if (parts.size() != 3) return {};
    const auto segment = from_hex(parts[0]), bus = from_hex(parts[1]), device = from_hex(parts[2]);
    const auto function = from_hex(text.substr(dot + 1));
    if (!segment || !bus || !device || !function) return {};
    return Location{
        padded_hex(*segment, 4), padded_hex(*bus, 2), padded_hex(*device, 2), padded_hex(*function, 1)};
}

// Where the device hangs on: another one, or nothing (a root bus, a bridge that is no PCI device).
Location parent_of(const std::string& link) {
    char target[PATH_MAX];
    const auto length = readlink(link.c_str(), target, sizeof target);
    std::string_view path(target, length > 0 ? static_cast<std::size_t>(length) : 0);
    path = path.substr(0, std::min(path.rfind('/'), path.size()));
    const auto slash = path.rfind('/');
    const auto parent = parse_location(slash == std::string_view::npos ? path : path.substr(slash + 1));
    return parent.value_or(Location{"*", "*", "*", "*"});
}

// "0x14e4" as so many digits.
Result<std::string> read_hex(const Host& host, const std::string& path, int digits) {
    const auto text = read_kept_line(host, path);
    if (!text) return text.error();
    const auto number = text->starts_with("0x") ? from_hex(std::string_view(*text).substr(2)) : std::nullopt;
    if (!number) return not_a_number(path, *text);
    return padded_hex(*number, digits);
}

// -1 where there is no link, or one that tells nothing ("Unknown", "Unknown speed").
Result<double> read_link(const Host& host, const std::string& path, bool in_transfers) {
    const auto text = read_kept_line(host, path);
    if (!text) return text.error().kind == Error::Kind::absent ? Result<double>(-1) : text.error();
    if (text->empty() || text->starts_with("Unknown")) return -1;
    std::string_view rest = *text;
    const auto blank = rest.find(' ');
    const auto number = to_double(rest.substr(0, blank));
    // "8.0 GT/s PCIe", in older kernels "8 GT/s".
    const bool unit = blank != std::string_view::npos && rest.substr(blank + 1).starts_with("GT/s");
    if (!number || *number < 0 || unit != in_transfers) return not_a_number(path, *text);
    return in_transfers ? *number * 1e9 : *number;
}

class PciDevices final : public Collector {
  public:
    PciDevices(bool with_names, std::string ids_file) {
        if (with_names) book_.emplace(std::move(ids_file));
    }

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.sys("bus/pci/devices");
        const auto devices = list_folder(folder);
        if (!devices) return devices.error();
        Result<void> result;
        for (const auto& device : *devices) {
            const auto location = parse_location(device);
            if (!location) {
                note(result, failure(folder + ": '" + valid_utf8(device) + "' is not a PCI device"));
                continue;
            }
            const auto added = add_info(host, folder + "/" + device, *location, page);
            if (!added && added.error().kind == Error::Kind::absent) continue;  // it has just gone
            note(result, added);
            note(result, add_numbers(host, folder + "/" + device, *location, page));
        }
        return result;
    }

  private:
    Result<void> add_info(const Host& host,
                          const std::string& path,
                          const Location& location,
                          metrics::Page& page) {
        static constexpr std::pair<const char*, int> files[] = {{"class", 6},
                                                                {"vendor", 4},
                                                                {"device", 4},
                                                                {"subsystem_vendor", 4},
                                                                {"subsystem_device", 4},
                                                                {"revision", 2}};
        std::array<std::string, std::size(files)> ids;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            auto id = read_hex(host, path + "/" + files[i].first, files[i].second);
            if (!id) return id.error();
            ids[i] = std::move(*id);
        }
        Result<void> result;
        PciNames names;
        if (book_) {
            const PciId id{ids[1], ids[2], ids[3], ids[4], ids[0]};
            note(result, book_->look_up(id, names));
        }
        for (auto& id : ids) id.insert(0, "0x");
        const auto parent = parent_of(path);
        std::vector<metrics::Label> labels = {{"bus", location.bus},
                                              {"class_id", ids[0]},
                                              {"device", location.device},
                                              {"device_id", ids[2]},
                                              {"function", location.function},
                                              {"parent_bus", parent.bus},
                                              {"parent_device", parent.device},
                                              {"parent_function", parent.function},
                                              {"parent_segment", parent.segment},
                                              {"revision", ids[5]},
                                              {"segment", location.segment},
                                              {"subsystem_device_id", ids[4]},
                                              {"subsystem_vendor_id", ids[3]},
                                              {"vendor_id", ids[1]}};
        if (book_)
            labels.insert(labels.end(),
                          {{"class_name", names.class_name},
                           {"device_name", names.device},
                           {"subsystem_device_name", names.subsystem_device},
                           {"subsystem_vendor_name", names.subsystem_vendor},
                           {"vendor_name", names.vendor}});
        page.add(info, labels, 1);
        return result;
    }

    static Result<void> add_numbers(const Host& host,
                                    const std::string& path,
                                    const Location& location,
                                    metrics::Page& page) {
        const metrics::Label labels[] = {{"bus", location.bus},
                                         {"device", location.device},
                                         {"function", location.function},
                                         {"segment", location.segment}};
        Result<void> result;
        for (const auto& link : links) {
            const auto value = read_link(host, path + "/" + std::string(link.file), link.in_transfers);
            if (!value)
                note(result, value.error());
            else
                page.add(link.family, labels, *value);
        }
        for (const auto& row : rows) {
            const auto value = read_unsigned(host, path + "/" + std::string(row.file));
            if (value || value.error().kind == Error::Kind::absent)
                page.add(row.family, labels, value ? static_cast<double>(*value) : 0);
            else
                note(result, value.error());
        }
        const auto node = read_int(host, path + "/numa_node");
        if (node && *node != -1) page.add(numa_node, labels, static_cast<double>(*node));
        if (!node && node.error().kind == Error::Kind::failure) note(result, node.error());
        note(result, add_power_state(host, path + "/power_state", location, page));
        return result;
    }

    static Result<void> add_power_state(const Host& host,
                                        const std::string& path,
                                        const Location& location,
                                        metrics::Page& page) {
        const auto text = line_if_any(host, path);
        if (text.empty()) return {};
        if (std::find(std::begin(power_states), std::end(power_states), text) == std::end(power_states))
            return failure(path + ": '" + valid_utf8(text) + "' is not a power state");
        for (const auto state : power_states)
            page.add(power_state,
                     {{"bus", location.bus},
                      {"device", location.device},
                      {"function", location.function},
                      {"segment", location.segment},
                      {"state", state}},
                     state == text ? 1 : 0);
        return {};
    }

    std::optional<PciNameBook> book_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    return std::make_unique<PciDevices>(given.on(names_flag), given.text(file_flag));
}

}  // namespace

extern const CollectorKind pcidevice_kind;
constinit const CollectorKind pcidevice_kind{"pcidevice", false, "PCI devices and their links", flags, make};

}  // namespace pifleet::node
