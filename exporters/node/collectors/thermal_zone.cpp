// Temperatures and cooling devices of /sys/class/thermal. A zone whose sensor does not answer (many are
// switched off with the thing they sit in) is left out and costs nobody else anything.
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family temperature{
    "node_thermal_zone_temp", Type::gauge, "Temperature of the zone in degrees Celsius."};
constexpr Family state{
    "node_cooling_device_cur_state", Type::gauge, "How strongly the device cools or throttles now."};
constexpr Family most{
    "node_cooling_device_max_state", Type::gauge, "The strongest state of the cooling device."};

// What cannot be read leaves the device out (absent).
Result<std::string> read_type(const Host& host, const std::string& folder) {
    const auto type = read_kept_line(host, folder + "/type");
    if (!type) return absent(type.error().message);
    if (type->empty()) return failure(folder + "/type is empty");
    return valid_utf8(*type);
}

Result<void> add_zone(const Host& host,
                      const std::string& folder,
                      std::string_view number,
                      metrics::Page& page) {
    const auto type = read_type(host, folder);
    if (!type) return type.error();
    const auto millidegrees = int_if_readable(host, folder + "/temp");
    if (!millidegrees) return millidegrees.error();
    page.add(temperature, {{"type", *type}, {"zone", number}}, static_cast<double>(*millidegrees) / 1000.0);
    return {};
}

Result<void> add_cooling_device(const Host& host,
                                const std::string& folder,
                                std::string_view number,
                                metrics::Page& page) {
    const auto type = read_type(host, folder);
    if (!type) return type.error();
    const auto now = int_if_readable(host, folder + "/cur_state");  // may be -1
    if (!now) return now.error();
    const auto highest = int_if_readable(host, folder + "/max_state");
    if (!highest) return highest.error();
    page.add(state, {{"name", number}, {"type", *type}}, static_cast<double>(*now));
    page.add(most, {{"name", number}, {"type", *type}}, static_cast<double>(*highest));
    return {};
}

class ThermalZone final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.sys("class/thermal");
        Result<void> result;
        const auto each = [&](std::string_view prefix, auto add) {
            for (const auto& name : numbered_entries(folder, prefix)) {
                const auto added =
                    add(host, folder + "/" + name, std::string_view(name).substr(prefix.size()), page);
                if (!added && added.error().kind == Error::Kind::failure) note(result, added);
            }
        };
        each("thermal_zone", add_zone);
        each("cooling_device", add_cooling_device);
        return result;
    }
};

}  // namespace

extern const CollectorKind thermal_zone_kind;
constinit const CollectorKind thermal_zone_kind{
    "thermal_zone",
    true,
    "temperatures and cooling devices",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<ThermalZone>();
    },
};

}  // namespace pifleet::node
