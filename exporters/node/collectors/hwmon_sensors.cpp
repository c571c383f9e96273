#include "exporters/node/collectors/hwmon_sensors.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr std::string_view kinds[] = {"vrm",
                                      "beep_enable",
                                      "update_interval",
                                      "in",
                                      "cpu",
                                      "fan",
                                      "pwm",
                                      "temp",
                                      "curr",
                                      "power",
                                      "energy",
                                      "humidity",
                                      "intrusion",
                                      "freq"};

// The first rule that fits holds. An empty kind or element fits every one.
struct Rule {
    std::string_view kind, element, suffix, help;
    Type type = Type::gauge;
    double scale = 1, divisor = 1;
};

constexpr double milli = 0.001, micro = 1'000'000;
constexpr std::string_view interval = "How often the power is measured, in seconds.";
constexpr Rule rules[] = {
    {"", "fault", "", "Whether the sensor is broken."},
    {"", "alarm", "", "Whether the sensor raises an alarm."},
    {"", "beep", "_enabled", "Whether an alarm of the sensor beeps."},
    {"in", "", "_volts", "A voltage or a limit of it.", Type::gauge, milli},
    {"cpu", "", "_volts", "A voltage of the CPU or a limit of it.", Type::gauge, milli},
    {"temp", "type", "", "Which kind of temperature sensor it is."},
    {"temp", "", "_celsius", "A temperature or a limit of it.", Type::gauge, milli},
    {"curr", "", "_amps", "A current or a limit of it.", Type::gauge, milli},
    {"energy", "", "_joule_total", "Energy used.", Type::counter, 1, micro},
    {"power", "accuracy", "", "How exact the power meter is, as a ratio.", Type::gauge, 1, micro},
    {"power", "average_interval", "_seconds", interval, Type::gauge, milli},
    {"power", "average_interval_min", "_seconds", interval, Type::gauge, milli},
    {"power", "average_interval_max", "_seconds", interval, Type::gauge, milli},
    {"power", "", "_watt", "A power or a limit of it.", Type::gauge, 1, micro},
    {"humidity", "", "", "Humidity as a ratio, or a limit of it.", Type::gauge, 1, micro},
    {"fan", "input", "_rpm", "Turns of the fan a minute."},
    {"fan", "min", "_rpm", "Turns of the fan a minute: a limit."},
    {"fan", "max", "_rpm", "Turns of the fan a minute: a limit."},
    {"fan", "target", "_rpm", "Turns of the fan a minute that are aimed at."},
    {"freq", "input", "_freq_mhz", "A clock's frequency.", Type::gauge, 1, micro},
    {"", "", "", "A value of the sensor as its driver gives it."},
};

bool digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::optional<SensorFile> parse_sensor_file(std::string_view name) {
    const auto number_at = std::min(name.find_first_of("0123456789"), name.size());
    SensorFile file{name.substr(0, number_at), {}, {}};
    if (std::find(std::begin(kinds), std::end(kinds), file.kind) == std::end(kinds)) return std::nullopt;
    name.remove_prefix(number_at);
    const auto number_end = std::find_if_not(name.begin(), name.end(), digit) - name.begin();
    const auto number = number_end == 0 ? 0 : to_int(name.substr(0, number_end));
    name.remove_prefix(number_end);
    if (!number || (!name.empty() && (name.front() != '_' || name.size() == 1))) return std::nullopt;
    file.sensor = std::string(file.kind) + std::to_string(*number);
    if (!name.empty()) file.element = name.substr(1);
    return file;
}

SensorMetric sensor_metric(std::string_view kind, std::string_view element, bool has_plain) {
    if (kind == "vrm")
        return {
            "node_hwmon_voltage_regulator_version", Type::gauge, "Version of the voltage regulator.", 1, 1};
    if (kind == "update_interval")
        return {"node_hwmon_update_interval_seconds", Type::gauge, "How often the chip measures.", milli, 1};
    if (kind == "beep_enable")
        return {"node_hwmon_beep_enabled", Type::gauge, "Whether the chip beeps.", 1, 1};
    std::string name = "node_hwmon_" + std::string(kind);
    if (element == "input" ? has_plain : !element.empty()) name += "_" + clean_name(element);
    for (const auto& rule : rules)
        if ((rule.kind.empty() || rule.kind == kind) && (rule.element.empty() || rule.element == element))
            return element.ends_with("_alarm")  // yes or no, whatever the unit of what it watches
                       ? SensorMetric{name + std::string(rule.suffix), rule.type, rule.help}
                       : SensorMetric{
                             name + std::string(rule.suffix), rule.type, rule.help, rule.scale, rule.divisor};
    return {};
}

std::string clean_name(std::string_view text) {
    std::string name;
    for (const char c : lower(text)) {
        const bool inside_character =
            (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // "µ" is one '_', not two
        if (digit(c) || (c >= 'a' && c <= 'z') || c == ':')
            name += c;
        else if (!inside_character)
            name += '_';
    }
    const auto first = name.find_first_not_of('_');
    if (first == std::string::npos) return {};
    return name.substr(first, name.find_last_not_of('_') - first + 1);
}

}  // namespace pifleet::node
