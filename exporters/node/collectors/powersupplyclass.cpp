// Batteries, chargers, power over Ethernet: /sys/class/power_supply (the kernel's
// ABI/testing/sysfs-class-power). Only what the folder lists is read, of some sixty files that there may be.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr double micro = 1'000'000, tenth = 10;

constexpr FileRow row(std::string_view file, std::string_view name, std::string_view help, double divisor) {
    return {file, {name, Type::gauge, help}, 1, divisor};
}

// Sorted by file.
constexpr FileRow rows[] = {
    row("authentic", "node_power_supply_authentic", "Whether the battery is a genuine one.", 1),
    row("calibrate", "node_power_supply_calibrate", "Whether the battery is being calibrated.", 1),
    row("capacity", "node_power_supply_capacity", "Charge of the battery in percent.", 1),
    row("capacity_alert_max",
        "node_power_supply_capacity_alert_max",
        "Charge in percent above which the battery raises an alarm.",
        1),
    row("capacity_alert_min",
        "node_power_supply_capacity_alert_min",
        "Charge in percent below which the battery raises an alarm.",
        1),
    row("charge_control_limit",
        "node_power_supply_charge_control_limit",
        "Limit to the charging current.",
        micro),
    row("charge_control_limit_max",
        "node_power_supply_charge_control_limit_max",
        "The highest limit to the charging current.",
        micro),
    row("charge_counter",
        "node_power_supply_charge_counter",
        "Charge that went through, in ampere-hours.",
        micro),
    row("charge_empty",
        "node_power_supply_charge_empty",
        "Charge at which the battery is empty, in ampere-hours.",
        micro),
    row("charge_empty_design",
        "node_power_supply_charge_empty_design",
        "Charge at which the battery was made to be empty, in ampere-hours.",
        micro),
    row("charge_full",
        "node_power_supply_charge_full",
        "Charge of the full battery, in ampere-hours.",
        micro),
    row("charge_full_design",
        "node_power_supply_charge_full_design",
        "Charge that the full battery was made for, in ampere-hours.",
        micro),
    row("charge_now", "node_power_supply_charge_ampere", "Charge of the battery, in ampere-hours.", micro),
    row("charge_term_current",
        "node_power_supply_charge_term_current",
        "Current at which charging ends.",
        micro),
    row("constant_charge_current",
        "node_power_supply_constant_charge_current",
        "Current that the battery is charged with.",
        micro),
    row("constant_charge_current_max",
        "node_power_supply_constant_charge_current_max",
        "The highest current to charge with.",
        micro),
    row("constant_charge_voltage",
        "node_power_supply_constant_charge_voltage",
        "Voltage that the battery is charged with.",
        micro),
    row("constant_charge_voltage_max",
        "node_power_supply_constant_charge_voltage_max",
        "The highest voltage to charge with.",
        micro),
    row("current_boot", "node_power_supply_current_boot", "Current at boot.", micro),
    row("current_max", "node_power_supply_current_max", "The highest current.", micro),
    row("current_now",
        "node_power_supply_current_ampere",
        "Current now; below 0: the battery gives it.",
        micro),
    row("cycle_count", "node_power_supply_cyclecount", "How often the battery was charged.", 1),
    row("energy_empty",
        "node_power_supply_energy_empty",
        "Energy at which the battery is empty, in watt-hours.",
        micro),
    row("energy_empty_design",
        "node_power_supply_energy_empty_design",
        "Energy at which the battery was made to be empty, in watt-hours.",
        micro),
    row("energy_full", "node_power_supply_energy_full", "Energy of the full battery, in watt-hours.", micro),
    row("energy_full_design",
        "node_power_supply_energy_full_design",
        "Energy that the full battery was made for, in watt-hours.",
        micro),
    row("energy_now", "node_power_supply_energy_watthour", "Energy in the battery, in watt-hours.", micro),
    row("input_current_limit",
        "node_power_supply_input_current_limit",
        "The highest current to take in.",
        micro),
    row("online", "node_power_supply_online", "Whether the supply is connected and gives power.", 1),
    row("power_now", "node_power_supply_power_watt", "Power now.", micro),
    row("precharge_current",
        "node_power_supply_precharge_current",
        "Current that an empty battery is charged with at first.",
        micro),
    row("present", "node_power_supply_present", "Whether the battery is there.", 1),
    row("temp", "node_power_supply_temp_celsius", "Temperature.", tenth),
    row("temp_alert_max",
        "node_power_supply_temp_alert_max_celsius",
        "Temperature above which there is an alarm.",
        tenth),
    row("temp_alert_min",
        "node_power_supply_temp_alert_min_celsius",
        "Temperature below which there is an alarm.",
        tenth),
    row("temp_ambient", "node_power_supply_temp_ambient_celsius", "Temperature around.", tenth),
    row("temp_ambient_max",
        "node_power_supply_temp_ambient_max_celsius",
        "The highest temperature around.",
        tenth),
    row("temp_ambient_min",
        "node_power_supply_temp_ambient_min_celsius",
        "The lowest temperature around.",
        tenth),
    row("temp_max", "node_power_supply_temp_max_celsius", "The highest temperature.", tenth),
    row("temp_min", "node_power_supply_temp_min_celsius", "The lowest temperature.", tenth),
    row("time_to_empty_now",
        "node_power_supply_time_to_empty_seconds",
        "Time until the battery is empty.",
        1),
    row("time_to_full_now", "node_power_supply_time_to_full_seconds", "Time until the battery is full.", 1),
    row("voltage_boot", "node_power_supply_voltage_boot", "Voltage at boot.", micro),
    row("voltage_max", "node_power_supply_voltage_max", "The highest voltage.", micro),
    row("voltage_max_design",
        "node_power_supply_voltage_max_design",
        "The highest voltage that it was made for.",
        micro),
    row("voltage_min", "node_power_supply_voltage_min", "The lowest voltage.", micro),
    row("voltage_min_design",
        "node_power_supply_voltage_min_design",
        "The lowest voltage that it was made for.",
        micro),
    row("voltage_now", "node_power_supply_voltage_volt", "Voltage now.", micro),
    row("voltage_ocv", "node_power_supply_voltage_ocv", "Voltage without load.", micro),
};
static_assert(std::is_sorted(std::begin(rows), std::end(rows), [](const FileRow& a, const FileRow& b) {
    return a.file < b.file;
}));

constexpr Family info{
    "node_power_supply_info", Type::gauge, "What the power supply says of itself, where it does."};
constexpr std::string_view texts[] = {"capacity_level",
                                      "charge_type",
                                      "health",
                                      "manufacturer",
                                      "model_name",
                                      "scope",
                                      "serial_number",
                                      "status",
                                      "technology",
                                      "type",
                                      "usb_type"};

constexpr std::string_view ignored_flag = "collector.powersupply.ignored-supplies";
constexpr process::Flag flags[] = {
    {ignored_flag, process::FlagKind::text, "^$", "Power supplies to leave out (regular expression)."},
};

class Powersupplyclass final : public Collector {
  public:
    explicit Powersupplyclass(std::unique_ptr<re2::RE2> ignored) : ignored_(std::move(ignored)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/power_supply");
        const auto names = list_folder(root);
        if (!names) return names.error();
        Result<void> result;
        for (const auto& name : *names)
            if (!ignored_ || !matches(*ignored_, name))
                note(result, add_supply(host, root + "/" + name, valid_utf8(name), page));
        return result;
    }

  private:
    static Result<void> add_supply(const Host& host,
                                   const std::string& folder,
                                   const std::string& name,
                                   metrics::Page& page) {
        const auto files = list_folder(folder);
        if (!files) return {};  // unplugged meanwhile
        const metrics::Label supply{"power_supply", name};
        Result<void> result;
        for (const auto& file : *files) {
            const auto found = std::lower_bound(
                std::begin(rows), std::end(rows), file, [](const FileRow& one, const std::string& other) {
                    return one.file < other;
                });
            if (found != std::end(rows) && found->file == file)
                note(result, add_file_rows(host, folder, {found, 1}, {&supply, 1}, page));
        }
        std::vector<std::pair<std::string_view, std::string>> said;
        for (const auto text : texts)
            if (std::binary_search(files->begin(), files->end(), text))
                if (auto value = line_if_any(host, folder + "/" + std::string(text)); !value.empty())
                    said.emplace_back(text, valid_utf8(value));
        std::vector<metrics::Label> labels = {supply};
        for (const auto& [label, value] : said) labels.push_back({label, value});
        page.add(info, labels, 1);
        return result;
    }

    std::unique_ptr<re2::RE2> ignored_;
};

}  // namespace

extern const CollectorKind powersupplyclass_kind;
constinit const CollectorKind powersupplyclass_kind{
    "powersupplyclass",
    true,
    "batteries and other power supplies",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        auto ignored = compile_pattern(given, ignored_flag);
        if (!ignored) return ignored.error();
        return std::make_unique<Powersupplyclass>(std::move(*ignored));
    },
};

}  // namespace pifleet::node
