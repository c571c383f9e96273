// Temperatures, fans, voltages and the like of /sys/class/hwmon. What cannot be read is left out: many
// sensors answer only while their device is awake.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/hwmon_sensors.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"

#include <cstdlib>
#include <map>
#include <optional>
#include <set>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family chip_names{"node_hwmon_chip_names", Type::gauge, "What the chip's driver calls it."};
constexpr Family sensor_label{
    "node_hwmon_sensor_label", Type::gauge, "What the chip's driver calls the sensor."};

constexpr std::string_view chip_include = "collector.hwmon.chip-include";
constexpr std::string_view chip_exclude = "collector.hwmon.chip-exclude";
constexpr std::string_view sensor_include = "collector.hwmon.sensor-include";
constexpr std::string_view sensor_exclude = "collector.hwmon.sensor-exclude";
constexpr process::Flag flags[] = {
    {chip_include, FlagKind::text, "", "Chips to show (regular expression)."},
    {chip_exclude, FlagKind::text, "", "Chips to leave out (regular expression)."},
    {sensor_include, FlagKind::text, "", "Sensors to show (regular expression, on CHIP;SENSOR)."},
    {sensor_exclude, FlagKind::text, "", "Sensors to leave out (regular expression, on CHIP;SENSOR)."},
};

using Elements = std::map<std::string, std::string, std::less<>>;
using Sensors = std::map<std::string, Elements>;

std::optional<std::string> real_path(const std::string& path) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
    return real ? std::optional<std::string>(real.get()) : std::nullopt;
}

// "hwmon3" depends on the order in which modules were loaded, so a chip goes by its device's place: of
// …/platform/coretemp.0 it is platform_coretemp_0. Without a device by its driver's name, at last by the
// folder's.
std::string chip_of(const std::string& folder, const std::string& driver) {
    if (const auto device = real_path(folder + "/device")) {
        const auto name = clean_name(base_name(*device));
        const auto bus = clean_name(base_name(device->substr(0, device->rfind('/'))));
        if (!name.empty()) return bus.empty() ? name : bus + "_" + name;
    }
    if (!driver.empty()) return driver;
    return clean_name(base_name(real_path(folder).value_or(folder)));
}

// A folder that does not exist has no sensors; entries that are no readable files are passed over.
void read_sensors(const Host& host, const std::string& folder, Sensors& sensors) {
    const auto names = list_folder(folder);
    if (!names) return;
    for (const auto& name : *names) {
        const auto file = parse_sensor_file(name);
        if (!file) continue;
        auto value = read_kept_line(host, folder + "/" + name);
        if (!value) continue;
        sensors[file->sensor].insert_or_assign(std::string(file->element), std::move(*value));
    }
}

class Hwmon final : public Collector {
  public:
    Hwmon(DeviceFilter chips, DeviceFilter sensors)
        : chips_(std::move(chips)), sensors_(std::move(sensors)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.sys("class/hwmon");
        const auto names = list_folder(folder);
        if (!names) return names.error();
        Result<void> result;
        seen_.clear();
        for (const auto& name : *names) note(result, add_chip(host, folder + "/" + name, page));
        return result;
    }

  private:
    Result<void> add_chip(const Host& host, const std::string& folder, metrics::Page& page) {
        const auto driver = clean_name(line_if_any(host, folder + "/name"));
        const auto chip = chip_of(folder, driver);
        if (!chips_.keeps(chip)) return {};
        Sensors sensors;
        read_sensors(host, folder, sensors);
        read_sensors(host, folder + "/device", sensors);  // where old drivers have them
        if (!driver.empty() && first(chip_names.name, chip, driver))
            page.add(chip_names, {{"chip", chip}, {"chip_name", driver}}, 1);
        Result<void> result;
        for (const auto& [sensor, elements] : sensors)
            if (sensors_.keeps(chip + ";" + sensor))
                note(result, add_sensor(folder, chip, sensor, elements, page));
        return result;
    }

    Result<void> add_sensor(const std::string& folder,
                            const std::string& chip,
                            const std::string& sensor,
                            const Elements& elements,
                            metrics::Page& page) {
        const auto label = elements.find("label");
        if (label != elements.end() && first(sensor_label.name, chip, sensor))
            page.add(
                sensor_label, {{"chip", chip}, {"label", valid_utf8(label->second)}, {"sensor", sensor}}, 1);
        const auto kind = std::string_view(sensor).substr(0, sensor.find_last_not_of("0123456789") + 1);
        Result<void> result;
        for (const auto& [element, text] : elements) {
            if (element == "label" || element == "raw") continue;  // a count of an ADC's steps is no voltage
            const auto value = to_double(trim(text));
            if (!value && element == "input")
                note(result, not_a_number(folder + "/" + sensor + "_input", text));
            if (!value) continue;  // some elements are texts: model numbers and the like
            std::string shown_sensor = sensor;
            if (kind == "freq" && element == "input") {  // only these go by their label
                if (label == elements.end()) continue;
                shown_sensor = clean_name(label->second);
            }
            const auto metric = sensor_metric(kind, element, elements.contains(""));
            if (!first(metric.name, chip, shown_sensor)) continue;
            const double shown = kind == "beep_enable" && *value != 1 ? 0 : *value;
            page.add({metric.name, metric.type, metric.help},
                     {{"chip", chip}, {"sensor", shown_sensor}},
                     shown * metric.scale / metric.divisor);
        }
        return result;
    }

    // Two chips may sit on one device (Raspberry Pis have such): the first of equal series stands.
    bool first(std::string_view name, std::string_view chip, std::string_view sensor) {
        std::string series(name);
        series.append(1, '\n').append(chip).append(1, '\n').append(sensor);
        return seen_.insert(std::move(series)).second;
    }

    DeviceFilter chips_, sensors_;
    std::set<std::string> seen_;  // in this scrape
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto chips = DeviceFilter::from_flags(given, chip_include, chip_exclude);
    if (!chips) return chips.error();
    auto sensors = DeviceFilter::from_flags(given, sensor_include, sensor_exclude);
    if (!sensors) return sensors.error();
    return std::make_unique<Hwmon>(std::move(*chips), std::move(*sensors));
}

}  // namespace

extern const CollectorKind hwmon_kind;
constinit const CollectorKind hwmon_kind{"hwmon", true, "temperatures, fans, voltages", flags, make};

}  // namespace pifleet::node
