// The names of hardware sensors: how a file of /sys/class/hwmon becomes a metric. Rules of node_exporter;
// what the files are is in the kernel's Documentation/hwmon/sysfs-interface.rst.
#pragma once

#include "common/metrics/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pifleet::node {

/// "temp1_crit" taken apart; the sensor is "temp1". A file without number has number 0: "vrm" is of the
/// sensor "vrm0".
struct SensorFile {
    std::string_view kind;     // "temp"
    std::string sensor;        // "temp1"
    std::string_view element;  // "crit"; empty for "pwm1"
};

/// Nothing when the file is not about a sensor.
std::optional<SensorFile> parse_sensor_file(std::string_view name);

/// How the value of a sensor's file is shown.
struct SensorMetric {
    std::string name;
    metrics::Type type = metrics::Type::gauge;
    std::string_view help;
    double scale = 1;    // times this…
    double divisor = 1;  // …or divided by that: what leads to the same last digit as node_exporter
};

/// `has_plain`: the sensor has a file without element too ("pwm1" beside "pwm1_input").
SensorMetric sensor_metric(std::string_view kind, std::string_view element, bool has_plain);

/// Lower case, anything but letters, digits, ':' and '_' replaced by '_', none of these at the ends.
std::string clean_name(std::string_view text);

}  // namespace pifleet::node
