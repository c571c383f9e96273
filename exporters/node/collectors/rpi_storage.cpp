// How worn a card is: what it is, what an eMMC says of its life (JESD84-B51), what ext4 has written to it,
// and whether the kernel took a file system's right to write away. SD cards have no register of wear, so the
// bytes written are all that they tell. How much the journal takes is beside it.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/journal_size.hpp"
#include "exporters/node/collectors/mounts.hpp"
#include "exporters/node/collectors/rpi_chips.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <charconv>
#include <optional>
#include <set>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family card_info{"rpi_mmc_info", Type::gauge, "What the SD card or eMMC says that it is."};
constexpr Family life_time{
    "rpi_mmc_life_time_used_ratio",
    Type::gauge,
    "How much of its life an eMMC has used, in steps of a tenth, each step's upper end; above 1: exceeded."};
constexpr Family pre_eol{"rpi_mmc_pre_eol_state",
                         Type::gauge,
                         "Reserved blocks of an eMMC: 1 is normal, 2 that 80 % are used, 3 urgent."};
constexpr Family lifetime_written{"rpi_ext4_lifetime_written_bytes_total",
                                  Type::counter,
                                  "Bytes written to the file system since it was made."};
constexpr Family ext4_errors{"rpi_ext4_errors_total",
                             Type::counter,
                             "Errors that ext4 found since the last check of the file system."};
constexpr Family taken_away{"rpi_filesystem_remounted_read_only",
                            Type::gauge,
                            "Whether the kernel made the file system read-only, as it does after errors, "
                            "though it was mounted to be written."};

Result<std::uint64_t> parse_hex(const std::string& path, std::string_view word) {
    std::uint64_t value = 0;
    const auto digits = word.starts_with("0x") ? word.substr(2) : std::string_view();
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size())
        return not_a_number(path, word);
    return value;
}

// "0x01 0x02": the areas A (where data is kept once per cell) and B. 0 says nothing.
Result<void> add_life(const Host& host,
                      const std::string& device,
                      const std::string& folder,
                      metrics::Page& page) {
    constexpr std::uint64_t exceeded = 0x0b;
    const auto path = folder + "/life_time";
    const auto text = line_if_any(host, path);
    std::string_view rest = text;
    for (const std::string_view area : {"a", "b"}) {
        const auto word = next_word(rest);
        if (word.empty()) break;
        const auto step = parse_hex(path, word);
        if (!step) return step.error();
        if (*step >= 1 && *step <= exceeded)
            page.add(life_time, {{"area", area}, {"device", device}}, static_cast<double>(*step) / 10);
    }
    return {};
}

Result<void> add_pre_eol(const Host& host,
                         const std::string& device,
                         const std::string& folder,
                         metrics::Page& page) {
    const auto path = folder + "/pre_eol_info";
    const auto text = line_if_any(host, path);
    if (text.empty()) return {};
    const auto state = parse_hex(path, text);
    if (!state) return state.error();
    if (*state != 0) page.add(pre_eol, {{"device", device}}, static_cast<double>(*state));
    return {};
}

Result<void> add_cards(const Host& host, metrics::Page& page) {
    Result<void> result;
    for (const auto& device : numbered_entries(host.sys("block"), "mmcblk")) {
        const auto folder = host.sys("block/" + device + "/device");
        const auto text = [&host, &folder](std::string_view file) {
            return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
        };
        page.add(card_info,
                 {{"date", text("date")},
                  {"device", device},
                  {"fwrev", text("fwrev")},
                  {"hwrev", text("hwrev")},
                  {"manfid", text("manfid")},
                  {"name", text("name")},
                  {"oemid", text("oemid")},
                  {"type", text("type")}},
                 1);
        note(result, add_life(host, device, folder, page));
        note(result, add_pre_eol(host, device, folder, page));
    }
    return result;
}

Result<void> add_ext4(const Host& host, metrics::Page& page) {
    const auto root = host.sys("fs/ext4");
    const auto devices = list_folder(root);
    if (!devices) return {};
    Result<void> result;
    const auto add =
        [&](const Family& family, const std::string& device, std::string_view file, double unit) {
            const auto value = int_if_readable(host, root + "/" + device + "/" + std::string(file));
            if (value)
                page.add(family, {{"device", valid_utf8(device)}}, static_cast<double>(*value) * unit);
            else if (value.error().kind == Error::Kind::failure)
                note(result, value.error());
        };
    for (const auto& device : *devices) {  // with the folder "features", which has neither file
        add(lifetime_written, device, "lifetime_write_kbytes", 1024);
        add(ext4_errors, device, "errors_count", 1);
    }
    return result;
}

Result<void> add_read_only(const Host& host, metrics::Page& page) {
    auto path = host.proc("1/mountinfo");
    auto text = read_file(path);
    if (!text) text = read_file(path = host.proc("self/mountinfo"));
    if (!text) return {};
    const auto mounts = parse_mountinfo(path, *text);
    if (!mounts) return mounts.error();
    std::set<std::string> devices;  // one of several mounts of a device is enough
    for (const auto& mount : *mounts) {
        if (!mount.device.starts_with("/dev/") || !devices.insert(mount.device).second) continue;
        page.add(taken_away,
                 {{"device", valid_utf8(mount.device)},
                  {"mountpoint", valid_utf8(strip_root(mount.point, host.rootfs))}},
                 mount.write_taken_away ? 1 : 0);
    }
    return {};
}

class RpiStorage final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (raspberry_model(host).empty()) return {};
        auto result = add_cards(host, page);
        note(result, add_ext4(host, page));
        note(result, add_read_only(host, page));
        journal_.add(host, page);
        return result;
    }

    JournalSize journal_;
};

}  // namespace

extern const CollectorKind rpi_storage_kind;
constinit const CollectorKind rpi_storage_kind{
    "rpi_storage",
    true,
    "wear of a Raspberry Pi's cards, read-only file systems, the journal's size",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<RpiStorage>();
    },
};

}  // namespace pifleet::node
