// What the firmware tells a Raspberry Pi of itself in the device tree: model, power budget, bootloader. Files
// and meanings from "device-tree.adoc" of the Raspberry Pi documentation. Nothing of it changes while the
// machine runs, so it is read once.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/rpi_chips.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"rpi_info", Type::gauge, "Model and revision code of this Raspberry Pi."};
constexpr Family bootloader{"rpi_bootloader_info", Type::gauge, "Version of the bootloader (a git hash)."};

struct Property {
    std::string_view file;  // a big-endian number of 32 bits; in some releases with '_' for '-'
    Family family;
    double unit = 1;
};

constexpr Property properties[] = {
    {"chosen/power/max_current",
     {"rpi_power_supply_max_current_amperes",
      Type::gauge,
      "What the power supply said that it can give. Below 5 A a Pi 5 limits its USB ports."},
     0.001},
    {"chosen/power/usb_max_current_enable",
     {"rpi_usb_current_high_limit", Type::gauge, "Whether USB devices may draw the higher current."}},
    {"chosen/power/usb_over_current_detected",
     {"rpi_usb_over_current_at_boot",
      Type::gauge,
      "Whether USB devices drew too much while the Pi booted from USB."}},
    {"chosen/bootloader/build-timestamp",
     {"rpi_bootloader_build_timestamp_seconds",
      Type::gauge,
      "When the bootloader was built, in seconds since 1970."}},
    {"chosen/bootloader/update-timestamp",
     {"rpi_bootloader_update_timestamp_seconds",
      Type::gauge,
      "When the bootloader was last updated, in seconds since 1970; 0: never."}},
    {"chosen/bootloader/boot-mode",
     {"rpi_boot_mode", Type::gauge, "Where the Pi booted from, as a number of BOOT_ORDER."}},
    {"chosen/bootloader/partition",
     {"rpi_boot_partition", Type::gauge, "The partition that the Pi booted from; 0: found by itself."}},
    {"chosen/bootloader/pm_rsts",
     {"rpi_pm_rsts", Type::gauge, "The reset register at boot: why the Pi was reset."}},
    {"chosen/bootloader/tryboot",
     {"rpi_tryboot", Type::gauge, "Whether this is a one-time boot of a configuration on trial."}},
};

constexpr std::string_view serial_flag = "collector.rpi_board.serial";
constexpr process::Flag flags[] = {
    {serial_flag,
     process::FlagKind::on_off,
     "false",
     "Show the board's serial number as well, which tells it from every other."},
};

Result<std::uint32_t> read_big_endian(const std::string& path) {
    const auto bytes = read_file(path, 4096);
    if (!bytes) return bytes.error();
    if (bytes->size() != 4) return failure(path + " is not a number of four bytes");
    std::uint32_t value = 0;
    for (const char byte : *bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

std::string text_of(const std::string& path) {
    const auto text = read_file(path, 4096);
    return text ? valid_utf8(text->substr(0, text->find('\0'))) : std::string();
}

std::string hexadecimal(std::uint32_t value) {
    std::string text;
    for (; value != 0; value >>= 4) text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    return text.empty() ? "0" : text;
}

struct Board {
    std::string model, revision, serial, bootloader;
    std::vector<std::pair<Family, double>> values;
};

Result<Board> read_board(const Host& host, bool with_serial) {
    Board board;
    board.model = raspberry_model(host);
    const auto tree = host.proc("device-tree/");
    const auto revision = read_big_endian(tree + "system/linux,revision");
    if (revision)
        board.revision = hexadecimal(*revision);
    else if (revision.error().kind == Error::Kind::failure)
        return revision.error();
    if (with_serial) board.serial = text_of(tree + "serial-number");
    board.bootloader = text_of(tree + "chosen/bootloader/version");
    for (const auto& property : properties) {
        std::string file = tree + std::string(property.file);
        auto value = read_big_endian(file);
        if (!value && value.error().kind == Error::Kind::absent) {
            std::replace(file.begin() + static_cast<std::ptrdiff_t>(tree.size()), file.end(), '-', '_');
            value = read_big_endian(file);
        }
        if (value)
            board.values.emplace_back(property.family, *value * property.unit);
        else if (value.error().kind == Error::Kind::failure)
            return value.error();
    }
    return board;
}

class RpiBoard final : public Collector {
  public:
    explicit RpiBoard(bool with_serial) : with_serial_(with_serial) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (!board_) {
            if (raspberry_model(host).empty()) return {};
            auto read = read_board(host, with_serial_);
            if (!read) return read.error();
            board_ = std::move(*read);
        }
        page.add(
            info, {{"model", board_->model}, {"revision", board_->revision}, {"serial", board_->serial}}, 1);
        if (!board_->bootloader.empty()) page.add(bootloader, {{"version", board_->bootloader}}, 1);
        for (const auto& [family, value] : board_->values) page.add(family, value);
        return {};
    }

  private:
    bool with_serial_;
    std::optional<Board> board_;
};

}  // namespace

extern const CollectorKind rpi_board_kind;
constinit const CollectorKind rpi_board_kind{
    "rpi_board",
    true,
    "a Raspberry Pi's model, power budget and bootloader",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<RpiBoard>(given.on(serial_flag));
    },
};

}  // namespace pifleet::node
