// The firmware's mailbox played by a table of answers: what is asked, in how many messages, and what becomes
// of firmware that knows less.
#include "exporters/node/collectors/rpi_firmware.hpp"

#include "exporters/node/collectors/rpi_pmic.hpp"
#include "exporters/node/collectors/rpi_sensors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <cstring>
#include <map>

namespace pifleet::node::test {

namespace {

constexpr std::uint32_t command_tag = 0x30080;

// Answers by tag and id (0 where a tag takes none).
struct Firmware {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> answers = {
        {{0x30046, 0}, 0x50005},
        {{0x1, 0}, 1'730'000'000},
        {{0x30006, 0}, 48'312},
        {{0x3000a, 0}, 85'000},
        {{0x30003, 1}, 850'000},
        {{0x30003, 2}, 1'100'000},
        {{0x30003, 3}, 1'100'500},
        {{0x30003, 4}, 1'100'250},
        {{0x30047, 3}, 1'500'345'728},
        {{0x30002, 3}, 1'500'000'000},
        {{0x30004, 3}, 1'800'000'000},
        {{0x30007, 3}, 600'000'000},
        {{0x30047, 12}, 250'000'496},
    };
    std::map<std::string, std::string> commands;
    bool refuses_unknown_tags = false;  // the whole message, as some do; else they stay unanswered
    bool broken = false;
    int messages = 0;
    std::vector<std::uint32_t> throttled_sent;
};

class Played final : public Mailbox {
  public:
    explicit Played(Firmware& firmware) : firmware_(firmware) {}

    Result<void> exchange(std::span<std::uint32_t> message) override {
        ++firmware_.messages;
        if (firmware_.broken) return failure("timed out");
        REQUIRE(message[0] == message.size() * 4);
        REQUIRE(message[1] == 0);
        const std::vector<std::uint32_t> before(message.begin(), message.end());
        std::size_t place = 2;
        while (message[place] != 0) {
            const auto tag = message[place], bytes = message[place + 1];
            REQUIRE(message[place + 2] == 0);
            REQUIRE(place + 3 + bytes / 4 < message.size());
            if (!answer(tag, message.subspan(place + 2, 1 + bytes / 4)) && firmware_.refuses_unknown_tags) {
                std::copy(before.begin(), before.end(), message.begin());
                return absent("refused");
            }
            place += 3 + bytes / 4;
        }
        CHECK(place + 1 == message.size());
        return {};
    }

  private:
    bool answer(std::uint32_t tag, std::span<std::uint32_t> reply) {
        if (tag == command_tag) {
            char* text = reinterpret_cast<char*>(&reply[2]);
            const auto found = firmware_.commands.find(text);
            const std::string out = found == firmware_.commands.end()
                                        ? "error=1 error_msg=\"Command not registered\""
                                        : found->second;
            REQUIRE(out.size() < (reply.size() - 2) * 4);
            std::memcpy(text, out.c_str(), out.size() + 1);
            reply[0] = 0x8000'0000;
            return true;
        }
        if (tag == 0x30046) firmware_.throttled_sent.push_back(reply[1]);
        const bool alone = reply.size() == 2;
        const auto found = firmware_.answers.find({tag, alone ? 0 : reply[1]});
        bool known = false;
        for (const auto& [key, value] : firmware_.answers) known = known || key.first == tag;
        if (!known) return false;
        reply.back() = found == firmware_.answers.end() ? 0 : found->second;  // no such clock
        reply[0] = 0x8000'0000 | static_cast<std::uint32_t>((reply.size() - 1) * 4);
        return true;
    }

    Firmware& firmware_;
};

OpenMailbox plays(Firmware& firmware) {
    return [&firmware](const Host&) { return std::make_unique<Played>(firmware); };
}

std::unique_ptr<Mailbox> closed(const Host&) {
    return nullptr;
}

Probe probe(Firmware& firmware) {
    return Probe(make_rpi_firmware(plays(firmware), plays(firmware)));
}

std::string condition(std::string_view family, std::string_view name) {
    return std::string(family) + "{condition=\"" + std::string(name) + "\"}";
}

}  // namespace

TEST_CASE("the firmware is asked everything with one message") {
    Machine machine;
    Firmware firmware;
    auto ask_all = probe(firmware);
    const auto collected = ask_all(machine.host());
    REQUIRE(collected.result);
    const auto& page = collected.page;
    CHECK(page.at(condition("rpi_throttled_now", "under_voltage")) == 1);
    CHECK(page.at(condition("rpi_throttled_now", "arm_frequency_capped")) == 0);
    CHECK(page.at(condition("rpi_throttled_now", "throttled")) == 1);
    CHECK(page.at(condition("rpi_throttled_occurred", "under_voltage")) == 1);
    CHECK(page.at(condition("rpi_throttled_occurred", "soft_temperature_limit")) == 0);
    CHECK(page.at("rpi_firmware_temperature_celsius{sensor=\"soc\"}") == 48.312);
    CHECK(page.at("rpi_temperature_limit_celsius{sensor=\"soc\"}") == 85);
    CHECK(page.at("rpi_voltage_volts{rail=\"core\"}") == 0.85);
    CHECK(page.at("rpi_voltage_volts{rail=\"sdram_p\"}") == 1.1005);
    CHECK(page.at("rpi_voltage_volts{rail=\"sdram_i\"}") == 1.10025);
    CHECK(page.at("rpi_clock_hertz{clock=\"arm\"}") == 1'500'345'728);
    CHECK(page.at("rpi_clock_requested_hertz{clock=\"arm\"}") == 1'500'000'000);
    CHECK(page.at("rpi_clock_max_hertz{clock=\"arm\"}") == 1'800'000'000);
    CHECK(page.at("rpi_clock_min_hertz{clock=\"arm\"}") == 600'000'000);
    CHECK(page.count("rpi_clock_hertz") == 2);  // those of which the firmware said 0 are not there
    CHECK(page.at("rpi_firmware_revision_timestamp_seconds") == 1'730'000'000);
    CHECK(firmware.messages == 1 + 2);  // and the two commands, which this firmware does not know
    CHECK(ask_all(machine.host()).result);
    CHECK(firmware.messages == 1 + 2 + 1);
    // Anything else would make the firmware forget.
    CHECK(firmware.throttled_sent == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("what was once seen is remembered although somebody clears it in the firmware") {
    Machine machine;
    Firmware firmware;
    auto ask_all = probe(firmware);
    firmware.answers[{0x30046, 0}] = 0;
    CHECK(ask_all(machine.host()).page.at(condition("rpi_throttled_seen", "throttled")) == 0);
    firmware.answers[{0x30046, 0}] = 0x40001;
    ask_all(machine.host());
    firmware.answers[{0x30046, 0}] = 0;
    const auto page = ask_all(machine.host()).page;
    CHECK(page.at(condition("rpi_throttled_now", "under_voltage")) == 0);
    CHECK(page.at(condition("rpi_throttled_occurred", "throttled")) == 0);
    CHECK(page.at(condition("rpi_throttled_seen", "under_voltage")) == 1);
    CHECK(page.at(condition("rpi_throttled_seen", "throttled")) == 1);
    CHECK(page.at(condition("rpi_throttled_seen", "soft_temperature_limit")) == 0);
}

TEST_CASE("firmware that does not know a tag is not asked for it again") {
    Machine machine;
    Firmware firmware;
    std::erase_if(firmware.answers, [](const auto& answer) { return answer.first.first == 0x30047; });
    auto ask_all = probe(firmware);
    SECTION("it leaves the tag unanswered") {
        const auto page = ask_all(machine.host()).page;
        CHECK(page.count("rpi_clock_hertz") == 0);
        CHECK(page.count("rpi_clock_max_hertz") == 1);
    }
    SECTION("it refuses the message") {
        firmware.refuses_unknown_tags = true;
        auto collected = ask_all(machine.host());
        CHECK(collected.result);
        CHECK(collected.page.count("rpi_clock_hertz") == 0);
        CHECK(collected.page.count("rpi_clock_max_hertz") == 1);
        CHECK(collected.page.count("rpi_throttled_now") == 4);
        firmware.messages = 0;
        collected = ask_all(machine.host());
        CHECK(collected.page.count("rpi_throttled_now") == 4);
        CHECK(firmware.messages == 1);
    }
}

TEST_CASE("a Pi 5 tells the rails of its power chip") {
    Machine machine;
    Firmware firmware;
    firmware.commands["pmic_read_adc"] =
        " 3V7_WL_SW_A current(0)=0.08099080A\n   VDD_CORE_A current(7)=1.55280000A\n"
        " VDD_CORE_V volt(15)=0.72001430V\n    EXT5V_V volt(24)=5.15092000V\n";
    firmware.commands["measure_temp pmic"] = "temp=52.3'C\n";
    auto ask_all = probe(firmware);
    for (int scrape = 0; scrape < 2; ++scrape) {
        const auto page = ask_all(machine.host()).page;
        CHECK(page.at("rpi_pmic_current_amperes{rail=\"VDD_CORE\"}") == 1.5528);
        CHECK(page.at("rpi_pmic_voltage_volts{rail=\"EXT5V\"}") == 5.15092);
        CHECK(page.count("rpi_pmic_") == 4);
        CHECK(page.at("rpi_firmware_temperature_celsius{sensor=\"pmic\"}") == 52.3);
    }
}

TEST_CASE("one unreadable rail never loses the others") {
    for (const auto* bad : {"HDMI_A current(6)=?A",
                            "HDMI_A current(6)=0.02",
                            "HDMI_A",
                            "HDMI_A volt(6)=0.02V",
                            "HDMI current(6)=0.02A",
                            "EXT5V_V volt(24)=5.2V"}) {
        INFO(bad);
        metrics::Page page;
        const auto added =
            add_pmic_rails("EXT5V_V volt(24)=5.1V\n" + std::string(bad) + "\nBATT_V volt(25)=3V\n", page);
        REQUIRE_FALSE(added);
        CHECK(added.error().message.find("pmic_read_adc") != std::string::npos);
        CHECK(page.samples() == 2);
    }
}

TEST_CASE("without the mailbox the kernel is asked") {
    Machine machine;
    Probe kernel(make_rpi_firmware(closed, closed));
    CHECK(kernel(machine.host()).page.series.empty());
    machine.write("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
    machine.write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
    machine.write("sys/devices/platform/soc/soc:firmware/get_throttled", "80008\n");
    machine.write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    machine.write("sys/class/thermal/thermal_zone0/temp", "51234\n");
    CHECK(kernel(machine.host()).page.series.empty());  // no Raspberry Pi
    machine.write("proc/device-tree/model", std::string("Raspberry Pi 4 Model B Rev 1.4\0", 31));

    auto collected = kernel(machine.host());
    CHECK(collected.result);
    CHECK(collected.page.at(condition("rpi_throttled_now", "under_voltage")) == 1);
    CHECK(collected.page.count("rpi_throttled_") ==
          2);  // now and seen: of no other condition is anything known
    CHECK(collected.page.at("rpi_firmware_temperature_celsius{sensor=\"soc\"}") == 51.234);

    machine.write("sys/class/hwmon/hwmon1/in0_input", "880\n");
    machine.write("sys/class/hwmon/hwmon1/in0_label", "core\n");
    machine.write("sys/class/hwmon/hwmon1/in2_input", "a lot\n");
    machine.write("sys/class/hwmon/hwmon1/in2_label", "sdram_i\n");
    collected = kernel(machine.host());
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().message.find("in2_input") != std::string::npos);
    CHECK(collected.page.at("rpi_voltage_volts{rail=\"core\"}") == 0.88);
    CHECK(collected.page.count("rpi_firmware_temperature_celsius") == 1);
}

TEST_CASE("the file that makes the kernel warn is the last resort") {
    Machine machine;
    machine.write("proc/device-tree/model", std::string("Raspberry Pi 3 Model B\0", 23));
    machine.write("sys/devices/platform/soc/soc:firmware/get_throttled", "80008\n");
    Probe kernel(make_rpi_firmware(closed, closed));
    const auto page = kernel(machine.host()).page;
    CHECK(page.at(condition("rpi_throttled_now", "soft_temperature_limit")) == 1);
    CHECK(page.at(condition("rpi_throttled_occurred", "soft_temperature_limit")) == 1);
    CHECK(page.at(condition("rpi_throttled_occurred", "throttled")) == 0);
    machine.write("sys/devices/platform/soc/soc:firmware/get_throttled", "0x80008\n");
    const auto refused = kernel(machine.host()).result;
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("get_throttled") != std::string::npos);
}

TEST_CASE("a mailbox that breaks is an error, and the kernel is asked instead") {
    Machine machine;
    machine.write("proc/device-tree/model", std::string("Raspberry Pi 3 Model B\0", 23));
    machine.write("sys/devices/platform/soc/soc:firmware/get_throttled", "1\n");
    Firmware firmware;
    firmware.broken = true;
    auto ask_all = probe(firmware);
    const auto collected = ask_all(machine.host());
    CHECK_FALSE(collected.result);
    CHECK(collected.page.at(condition("rpi_throttled_now", "under_voltage")) == 1);
    firmware.broken = false;
    CHECK(ask_all(machine.host()).result);
}

TEST_CASE("a file in the mailbox's place is no mailbox") {
    Machine machine;
    machine.write("root/dev/vcio", "");
    const auto collected = collect("rpi_firmware", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.series.empty());
}

TEST_CASE("the clock's battery is asked of the firmware where no driver tells it") {
    Machine machine;
    machine.write("proc/device-tree/model", std::string("Raspberry Pi 5\0", 15));
    Firmware firmware;
    Probe sensors(make_rpi_sensors(plays(firmware)));
    CHECK(sensors(machine.host()).page.count("rpi_rtc") == 0);  // a Pi 4
    sensors(machine.host());
    CHECK(firmware.messages == 1);
    firmware.answers[{0x30087, 7}] = 2'987'000;
    Probe five(make_rpi_sensors(plays(firmware)));
    CHECK(five(machine.host()).page.at("rpi_rtc_battery_volts") == 2.987);
    machine.write("sys/class/rtc/rtc0/battery_voltage", "3012000\n");
    CHECK(five(machine.host()).page.at("rpi_rtc_battery_volts") == 3.012);
}

}  // namespace pifleet::node::test
