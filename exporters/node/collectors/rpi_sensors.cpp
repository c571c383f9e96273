// A Raspberry Pi's fan, the battery of its clock and its power-over-Ethernet hat, from the kernel's drivers
// pwm-fan, rtc-rpi and rpi_poe_power. Each is there or not.
#include "exporters/node/collectors/rpi_sensors.hpp"

#include "exporters/node/collectors/rpi_chips.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view file;
    Family family;
    double divisor;
};

constexpr Row fan_rows[] = {
    {"fan1_input", {"rpi_fan_rpm", Type::gauge, "Turns of the fan a minute."}, 1},
    {"pwm1", {"rpi_fan_duty_ratio", Type::gauge, "How hard the fan is driven: 0 is off, 1 all it can."}, 255},
};

constexpr Family battery{"rpi_rtc_battery_volts", Type::gauge, "Voltage of the clock's battery."};
constexpr double micro = 1'000'000;
constexpr Row rtc_rows[] = {
    {"battery_voltage", battery, micro},
    {"charging_voltage",
     {"rpi_rtc_charging_volts", Type::gauge, "What the clock's battery is charged to; 0: it is not charged."},
     micro},
    {"charging_voltage_min",
     {"rpi_rtc_charging_min_volts", Type::gauge, "The lowest charging voltage that can be set."},
     micro},
    {"charging_voltage_max",
     {"rpi_rtc_charging_max_volts", Type::gauge, "The highest charging voltage that can be set."},
     micro},
};

constexpr Row poe_rows[] = {
    {"online", {"rpi_poe_online", Type::gauge, "Whether the hat powers the Pi over Ethernet."}, 1},
    {"current_now", {"rpi_poe_current_amperes", Type::gauge, "Current that the hat supplies now."}, micro},
    {"current_max",
     {"rpi_poe_max_current_amperes",
      Type::gauge,
      "Current that the hat may supply: 2.5 A by 802.3af, 5 A by at."},
     micro},
};

Result<void> add_rows(const Host& host,
                      const std::string& folder,
                      std::span<const Row> rows,
                      metrics::Page& page) {
    Result<void> result;
    for (const auto& row : rows) {
        const auto value = int_if_readable(host, folder + "/" + std::string(row.file));
        if (value)
            page.add(row.family, static_cast<double>(*value) / row.divisor);
        else if (value.error().kind == Error::Kind::failure)
            note(result, value.error());
    }
    return result;
}

class RpiSensors final : public Collector {
  public:
    explicit RpiSensors(OpenMailbox open) : open_(std::move(open)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        if (raspberry_model(host).empty()) return {};
        Result<void> result;
        if (const auto fan = chip_folder(host, "pwmfan"); !fan.empty())
            note(result, add_rows(host, fan, fan_rows, page));
        note(result, add_rows(host, host.sys("class/rtc/rtc0"), rtc_rows, page));
        if (!page.has(battery.name)) note(result, ask_battery(host, page));
        note(result, add_rows(host, host.sys("class/power_supply/rpi-poe"), poe_rows, page));
        return result;
    }

  private:
    // Kernels without the clock's driver; only a Pi 5 knows the question.
    Result<void> ask_battery(const Host& host, metrics::Page& page) {
        if (!battery_known_) return {};
        if (!mailbox_) mailbox_ = open_(host);
        if (!mailbox_) return {};
        constexpr std::uint32_t clock_register_tag = 0x0003'0087, battery_register = 7;
        Question question{clock_register_tag, 2, {battery_register, 0}};
        if (auto asked = ask(*mailbox_, {&question, 1}); !asked) {
            battery_known_ = asked.error().kind == Error::Kind::failure;
            return battery_known_ ? asked : Result<void>();
        }
        battery_known_ = question.answered;
        if (question.answered) page.add(battery, question.values[1] / micro);
        return {};
    }

    OpenMailbox open_;
    std::unique_ptr<Mailbox> mailbox_;
    bool battery_known_ = true;
};

}  // namespace

std::unique_ptr<Collector> make_rpi_sensors(OpenMailbox open) {
    return std::make_unique<RpiSensors>(std::move(open));
}

extern const CollectorKind rpi_sensors_kind;
constinit const CollectorKind rpi_sensors_kind{
    "rpi_sensors",
    true,
    "a Raspberry Pi's fan, clock battery and power over Ethernet",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return make_rpi_sensors(open_mailbox);
    },
};

}  // namespace pifleet::node
