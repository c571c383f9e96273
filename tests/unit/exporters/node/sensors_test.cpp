#include "exporters/node/collectors/hwmon_sensors.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

TEST_CASE("sensor files are taken apart") {
    const auto whole = parse_sensor_file("pwm1_auto_point1_temp");
    REQUIRE(whole);
    CHECK(whole->kind == "pwm");
    CHECK(whole->sensor == "pwm1");
    CHECK(whole->element == "auto_point1_temp");
    CHECK(parse_sensor_file("pwm12")->element.empty());
    CHECK(parse_sensor_file("temp01_input")->sensor == "temp1");
    CHECK(parse_sensor_file("beep_enable")->sensor == "beep_enable0");
    for (const auto* other :
         {"name", "temp1_", "temp1x", "temp_crit", "12", "", "uevent", "temp99999999999999999999_input"})
        CHECK_FALSE(parse_sensor_file(other));
}

TEST_CASE("names are cleaned for metrics") {
    CHECK(clean_name("coretemp.0") == "coretemp_0");
    CHECK(clean_name("0000:01:00.0\n") == "0000:01:00_0");
    CHECK(clean_name("_A\xc2\xb5"
                     "B_") == "a_b");
    CHECK(clean_name("--").empty());
}

TEST_CASE("a chip is known by its device, else by its driver, else by its folder") {
    Machine machine;
    machine.write("sys/devices/platform/fan.0/hwmon/hwmon0/name", "Fan X\n");
    machine.write("sys/devices/platform/fan.0/hwmon/hwmon0/fan1_input", "1\n");
    machine.link("sys/devices/platform/fan.0/hwmon/hwmon0/device", "../../../fan.0");
    machine.link("sys/class/hwmon/hwmon0", "../../devices/platform/fan.0/hwmon/hwmon0");
    machine.write("sys/class/hwmon/hwmon1/name", "Driver-1\n");
    machine.write("sys/class/hwmon/hwmon1/fan1_input", "2\n");
    machine.write("sys/class/hwmon/hwmon2/fan1_input", "3\n");
    const auto page = collect("hwmon", machine.host()).page;
    CHECK(page.at("node_hwmon_fan_rpm{chip=\"platform_fan_0\",sensor=\"fan1\"}") == 1);
    CHECK(page.at("node_hwmon_fan_rpm{chip=\"driver_1\",sensor=\"fan1\"}") == 2);
    CHECK(page.at("node_hwmon_fan_rpm{chip=\"hwmon2\",sensor=\"fan1\"}") == 3);
    CHECK(page.count("node_hwmon_chip_names") == 2);

    CHECK(collect("hwmon", machine.host(), {"--collector.hwmon.chip-exclude=^driver"})
              .page.count("node_hwmon_fan_rpm") == 2);
    const auto one =
        collect("hwmon", machine.host(), {"--collector.hwmon.sensor-include=^driver_1;fan1$"}).page;
    CHECK(one.count("node_hwmon_fan_rpm") == 1);
}

TEST_CASE("two chips on one device do not make a series twice") {
    Machine machine;
    for (const std::string chip : {"hwmon0", "hwmon1"}) {
        machine.write("sys/devices/soc/thermal/" + chip + "/name", "cpu_thermal\n");
        machine.write("sys/devices/soc/thermal/" + chip + "/temp1_input", "50000\n");
        machine.write("sys/devices/soc/thermal/" + chip + "/temp1_label", "\xff\xfe x\n");
        machine.link("sys/devices/soc/thermal/" + chip + "/device", "../../thermal");
        machine.link("sys/class/hwmon/" + chip, "../../devices/soc/thermal/" + chip);
    }
    const auto collected = collect("hwmon", machine.host());  // parsing refuses a series that stands twice
    CHECK(collected.result);
    CHECK(collected.page.at("node_hwmon_temp_celsius{chip=\"soc_thermal\",sensor=\"temp1\"}") == 50);
    CHECK(collected.page.has(
        "node_hwmon_sensor_label{chip=\"soc_thermal\",label=\"\xef\xbf\xbd x\",sensor=\"temp1\"}"));
}

TEST_CASE("one unreadable sensor never loses the others") {
    Machine machine;
    machine.write("sys/class/hwmon/hwmon0/name", "chip\n");
    machine.write("sys/class/hwmon/hwmon0/temp1_input/is_a_folder", "");  // reading it fails
    machine.write("sys/class/hwmon/hwmon0/temp2_input", "1000\n");
    machine.write("sys/class/hwmon/hwmon0/power1_model_number", "ABC\n");
    auto collected = collect("hwmon", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.count("node_hwmon_temp_celsius") == 1);

    machine.write("sys/class/hwmon/hwmon0/temp3_input", "hot\n");
    collected = collect("hwmon", machine.host());
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().message.find("temp3_input") != std::string::npos);
    CHECK(collected.page.count("node_hwmon_temp_celsius") == 1);
}

TEST_CASE("a machine without sensors has nothing to complain about") {
    Machine machine;
    const auto collected = collect("hwmon", machine.host());
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().kind == Error::Kind::absent);
    CHECK(collect("thermal_zone", machine.host()).result);
}

TEST_CASE("one unreadable thermal zone never loses the others") {
    Machine machine;
    for (const std::string zone : {"0", "1", "2"}) {
        machine.write("sys/class/thermal/thermal_zone" + zone + "/type", "cpu\n");
        if (zone != "1") machine.write("sys/class/thermal/thermal_zone" + zone + "/temp", "-1500\n");
    }
    machine.write("sys/class/thermal/thermal_zone1/temp/is_a_folder", "");
    auto collected = collect("thermal_zone", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.count("node_thermal_zone_temp") == 2);
    CHECK(collected.page.at("node_thermal_zone_temp{type=\"cpu\",zone=\"2\"}") == -1.5);

    machine.write("sys/class/thermal/thermal_zone0/temp", "warm\n");
    collected = collect("thermal_zone", machine.host());
    CHECK_FALSE(collected.result);
    CHECK(collected.page.count("node_thermal_zone_temp") == 1);
}

}  // namespace pifleet::node::test
