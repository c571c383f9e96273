// The mailbox where this process may use it; else the kernel's hwmon driver, then what sysfs has. Bits and
// numbers from the kernel's raspberrypi-firmware.h and the documentation of vcgencmd.
#include "exporters/node/collectors/rpi_firmware.hpp"

#include "common/base/text.hpp"
#include "exporters/node/collectors/hwmon_sensors.hpp"
#include "exporters/node/collectors/rpi_chips.hpp"
#include "exporters/node/collectors/rpi_pmic.hpp"
#include "exporters/node/machine_files.hpp"

#include <charconv>
#include <optional>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family throttled_now{
    "rpi_throttled_now", Type::gauge, "Whether the condition holds at this moment."};
constexpr Family throttled_occurred{
    "rpi_throttled_occurred",
    Type::gauge,
    "Whether the firmware remembers the condition. Since boot, or since somebody cleared it: the kernel's "
    "voltage driver does so every two seconds."};
constexpr Family throttled_seen{
    "rpi_throttled_seen",
    Type::gauge,
    "Whether the condition held or was remembered at any scrape since this exporter started."};
constexpr Family temperature{
    "rpi_firmware_temperature_celsius", Type::gauge, "Temperature that the firmware measures."};
constexpr Family temperature_limit{
    "rpi_temperature_limit_celsius", Type::gauge, "Temperature at which the firmware slows the chip down."};
constexpr Family voltage{"rpi_voltage_volts", Type::gauge, "Voltage of the chip's core and of its memory."};
constexpr Family clock_measured{"rpi_clock_hertz", Type::gauge, "What the clock was measured to run at."};
constexpr Family clock_requested{"rpi_clock_requested_hertz", Type::gauge, "What the clock was set to."};
constexpr Family clock_max{"rpi_clock_max_hertz", Type::gauge, "The highest that the clock may be set to."};
constexpr Family clock_min{"rpi_clock_min_hertz", Type::gauge, "The lowest that the clock may be set to."};
constexpr Family firmware_time{"rpi_firmware_revision_timestamp_seconds",
                               Type::gauge,
                               "When the firmware was built, in seconds since 1970."};

struct Condition {
    std::string_view name;
    unsigned bit;  // now; 16 above it: has occurred
};
constexpr Condition conditions[] = {
    {"under_voltage", 0}, {"arm_frequency_capped", 1}, {"throttled", 2}, {"soft_temperature_limit", 3}};
constexpr unsigned occurred_shift = 16;

constexpr std::uint32_t throttled_tag = 0x0003'0046;

// What the mailbox is asked. Without label it is one number alone; with one, an id goes along.
struct Reading {
    std::uint32_t tag;
    std::uint32_t id;
    const Family* family;
    std::string_view label, value;
    double unit = 1;
    bool zero_is_nothing = false;  // how the firmware says that there is no such clock or rail
};

struct Named {
    std::uint32_t id;
    std::string_view name;
};
constexpr Named clocks[] = {{1, "emmc"},
                            {2, "uart"},
                            {3, "arm"},
                            {4, "core"},
                            {5, "v3d"},
                            {6, "h264"},
                            {7, "isp"},
                            {8, "sdram"},
                            {9, "pixel"},
                            {10, "pwm"},
                            {11, "hevc"},
                            {12, "emmc2"},
                            {13, "m2mc"},
                            {14, "pixel_bvb"},
                            {15, "vec"},
                            {16, "disp"}};
constexpr Named rails[] = {{1, "core"}, {2, "sdram_c"}, {3, "sdram_p"}, {4, "sdram_i"}};

struct ClockTag {
    std::uint32_t tag;
    const Family* family;
};
constexpr ClockTag clock_tags[] = {{0x0003'0047, &clock_measured},
                                   {0x0003'0002, &clock_requested},
                                   {0x0003'0004, &clock_max},
                                   {0x0003'0007, &clock_min}};

std::vector<Reading> all_readings() {
    std::vector<Reading> all = {
        {throttled_tag, 0, nullptr, {}, {}},  // the 0 sent means: clear nothing
        {0x0000'0001, 0, &firmware_time, {}, {}},
        {0x0003'0006, 0, &temperature, "sensor", "soc", 0.001},
        {0x0003'000a, 0, &temperature_limit, "sensor", "soc", 0.001},
    };
    for (const auto& rail : rails)
        all.push_back({0x0003'0003, rail.id, &voltage, "rail", rail.name, 0.000'001, true});
    for (const auto& of : clock_tags)
        for (const auto& clock : clocks)
            all.push_back({of.tag, clock.id, of.family, "clock", clock.name, 1, true});
    return all;
}

// "temp=52.3'C"
std::optional<double> parse_temperature(std::string_view text) {
    if (!text.starts_with("temp=")) return std::nullopt;
    return to_double(text.substr(5, text.find('\'') - 5));
}

// Without the mailbox the kernel tells no more than the alarm of its voltage driver. Its other file warns in
// the kernel's log when it is first read, so it is the last resort.
Result<std::optional<std::uint32_t>> throttled_of_kernel(const Host& host, const std::string& volt_chip) {
    if (!volt_chip.empty()) {
        const auto alarm = int_if_readable(host, volt_chip + "/in0_lcrit_alarm");
        if (alarm) return std::optional<std::uint32_t>(*alarm != 0 ? 1 : 0);
        if (alarm.error().kind == Error::Kind::failure) return alarm.error();
    }
    const auto path = host.sys("devices/platform/soc/soc:firmware/get_throttled");
    const auto text = read_kept_line(host, path);
    if (!text) return std::optional<std::uint32_t>();
    std::uint32_t bits = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), bits, 16);
    if (code != std::errc() || end != text->data() + text->size()) return not_a_number(path, *text);
    return std::optional<std::uint32_t>(bits);
}

Result<void> add_volt_chip(const Host& host, const std::string& folder, metrics::Page& page) {
    Result<void> result;
    for (int i = 0; i < 4; ++i) {
        const auto channel = folder + "/in" + std::to_string(i);
        const auto rail = clean_name(line_if_any(host, channel + "_label"));
        const auto millivolts = int_if_readable(host, channel + "_input");
        if (millivolts && !rail.empty())
            page.add(voltage, {{"rail", rail}}, static_cast<double>(*millivolts) / 1000);
        else if (!millivolts && millivolts.error().kind == Error::Kind::failure)
            note(result, millivolts.error());
    }
    return result;
}

Result<void> add_zone_temperature(const Host& host, metrics::Page& page) {
    const auto zone = host.sys("class/thermal/thermal_zone0");
    if (line_if_any(host, zone + "/type") != "cpu-thermal") return {};
    const auto millidegrees = int_if_readable(host, zone + "/temp");
    if (!millidegrees)
        return millidegrees.error().kind == Error::Kind::absent ? Result<void>() : millidegrees.error();
    page.add(temperature, {{"sensor", "soc"}}, static_cast<double>(*millidegrees) / 1000);
    return {};
}

class RpiFirmware final : public Collector {
  public:
    RpiFirmware(OpenMailbox questions, OpenMailbox commands)
        : open_questions_(std::move(questions)),
          open_commands_(std::move(commands)),
          readings_(all_readings()) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        Result<void> result;
        if (!mailbox_) mailbox_ = open_questions_(host);
        const auto asked = mailbox_ ? ask_mailbox(page) : Result<void>(absent("no mailbox"));
        if (!asked) {
            mailbox_.reset();
            if (asked.error().kind == Error::Kind::failure) note(result, asked);
            note(result, ask_kernel(host, page));
        }
        note(result, add_commands(host, page));
        return result;
    }

  private:
    Result<void> ask_mailbox(metrics::Page& page) {
        std::vector<Question> questions;
        for (const auto& reading : readings_)
            questions.push_back({reading.tag, reading.label.empty() ? 1U : 2U, {reading.id, 0}});
        if (auto done = ask(*mailbox_, questions); !done) return done;
        for (std::size_t i = 0; i < questions.size(); ++i)
            if (questions[i].answered) add_reading(readings_[i], questions[i], page);
        // What this firmware does not know, it is not asked again.
        std::size_t i = 0;
        std::erase_if(readings_, [&](const Reading&) { return questions[i++].refused; });
        return {};
    }

    void add_reading(const Reading& reading, const Question& answer, metrics::Page& page) {
        if (reading.family == nullptr) return add_throttled(answer.values[0], true, page);
        if (reading.label.empty()) return page.add(*reading.family, answer.values[0]);
        if (answer.values[1] == 0 && reading.zero_is_nothing) return;
        page.add(*reading.family, {{reading.label, reading.value}}, answer.values[1] * reading.unit);
    }

    Result<void> ask_kernel(const Host& host, metrics::Page& page) {
        if (raspberry_model(host).empty()) return {};
        const auto volt_chip = chip_folder(host, "rpi_volt");
        Result<void> result;
        const auto bits = throttled_of_kernel(host, volt_chip);
        if (!bits)
            note(result, bits.error());
        else if (*bits)
            add_throttled(**bits, volt_chip.empty(), page);
        if (!volt_chip.empty()) note(result, add_volt_chip(host, volt_chip, page));
        note(result, add_zone_temperature(host, page));
        return result;
    }

    // `all`: every condition is known, not under-voltage alone.
    void add_throttled(std::uint32_t bits, bool all, metrics::Page& page) {
        seen_ |= bits | bits >> occurred_shift;
        for (const auto& condition : conditions) {
            const auto bit = [&](std::uint32_t of) { return static_cast<double>(of >> condition.bit & 1); };
            page.add(throttled_now, {{"condition", condition.name}}, bit(bits));
            if (all)
                page.add(throttled_occurred, {{"condition", condition.name}}, bit(bits >> occurred_shift));
            page.add(throttled_seen, {{"condition", condition.name}}, bit(seen_));
            if (!all) return;
        }
    }

    // A Pi 5's power chip, and the temperature of a Pi 4's. Firmware that does not know a command is not
    // asked again.
    Result<void> add_commands(const Host& host, metrics::Page& page) {
        if (!pmic_known_ && !pmic_temperature_known_) return {};
        if (!commands_) commands_ = open_commands_(host);
        if (!commands_) return {};
        Result<void> result;
        const auto run = [&](bool& known, std::string_view command, const auto& add) {
            if (!known) return;
            const auto text = run_command(*commands_, command);
            if (text)
                note(result, add(*text));
            else if (text.error().kind == Error::Kind::failure)
                note(result, text.error());
            else
                known = false;
        };
        run(pmic_known_, "pmic_read_adc", [&](const std::string& text) {
            return add_pmic_rails(text, page);
        });
        run(pmic_temperature_known_, "measure_temp pmic", [&](const std::string& text) -> Result<void> {
            const auto celsius = parse_temperature(text);
            if (!celsius) return not_a_number("measure_temp pmic", text);
            page.add(temperature, {{"sensor", "pmic"}}, *celsius);
            return {};
        });
        return result;
    }

    OpenMailbox open_questions_, open_commands_;
    std::unique_ptr<Mailbox> mailbox_, commands_;
    std::vector<Reading> readings_;
    std::uint32_t seen_ = 0;  // bits 0 to 3
    bool pmic_known_ = true, pmic_temperature_known_ = true;
};

}  // namespace

std::unique_ptr<Collector> make_rpi_firmware(OpenMailbox questions, OpenMailbox commands) {
    return std::make_unique<RpiFirmware>(std::move(questions), std::move(commands));
}

extern const CollectorKind rpi_firmware_kind;
constinit const CollectorKind rpi_firmware_kind{
    "rpi_firmware",
    true,
    "a Raspberry Pi's throttling, temperatures, clocks, voltages",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return make_rpi_firmware(open_mailbox, open_command_mailbox);
    },
};

}  // namespace pifleet::node
