// The Raspberry Pi's collectors that read files.
#include "exporters/node/collectors/mounts.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

namespace {

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
}

void make_pi(const Machine& machine, const std::string& model = "Raspberry Pi 5 Model B Rev 1.0") {
    machine.write("proc/device-tree/model", model + '\0');
}

std::string error_of(const Collected& collected) {
    return collected.result ? std::string() : collected.result.error().message;
}

}  // namespace

TEST_CASE("every Pi collector is silent on another machine") {
    Machine machine;
    machine.write("proc/device-tree/model", std::string("Radxa ROCK 5B\0", 14));
    for (const auto* name :
         {"rpi_board", "rpi_firmware", "rpi_sensors", "rpi_storage", "rpi_wireless", "rpi_zram"}) {
        INFO(name);
        const auto collected = collect(name, machine.host());
        CHECK(collected.result);
        CHECK(collected.page.series.empty());
    }
}

TEST_CASE("a board tells what it is") {
    Machine machine;
    make_pi(machine);
    const std::string tree = "proc/device-tree/";
    machine.write(tree + "system/linux,revision", big_endian(0xc04170));
    machine.write(tree + "serial-number", std::string("10000000abcdef01\0", 17));
    machine.write(tree + "chosen/power/max_current", big_endian(5000));
    machine.write(tree + "chosen/power/usb_max_current_enable", big_endian(1));
    machine.write(tree + "chosen/power/usb_over_current_detected", big_endian(0));
    machine.write(tree + "chosen/bootloader/version", std::string("30f0c5e4\0", 9));
    machine.write(tree + "chosen/bootloader/build_timestamp", big_endian(1'715'000'000));
    machine.write(tree + "chosen/bootloader/boot-mode", big_endian(6));
    machine.write(tree + "chosen/bootloader/partition", big_endian(0));
    machine.write(tree + "chosen/bootloader/pm_rsts", big_endian(0x1000));
    machine.write(tree + "chosen/bootloader/tryboot", big_endian(0));
    auto page = collect("rpi_board", machine.host()).page;
    CHECK(page.has("rpi_info{model=\"Raspberry Pi 5 Model B Rev 1.0\",revision=\"c04170\",serial=\"\"}"));
    CHECK(page.at("rpi_power_supply_max_current_amperes") == 5);
    CHECK(page.at("rpi_usb_current_high_limit") == 1);
    CHECK(page.at("rpi_usb_over_current_at_boot") == 0);
    CHECK(page.at("rpi_bootloader_info{version=\"30f0c5e4\"}") == 1);
    CHECK(page.at("rpi_bootloader_build_timestamp_seconds") == 1'715'000'000);
    CHECK(page.at("rpi_boot_mode") == 6);
    CHECK(page.at("rpi_boot_partition") == 0);
    CHECK(page.at("rpi_pm_rsts") == 4096);
    CHECK(page.at("rpi_tryboot") == 0);
    CHECK_FALSE(page.has("rpi_bootloader_update_timestamp_seconds"));
    page = collect("rpi_board", machine.host(), {"--collector.rpi_board.serial"}).page;
    CHECK(
        page.has("rpi_info{model=\"Raspberry Pi 5 Model B Rev 1.0\",revision=\"c04170\",serial="
                 "\"10000000abcdef01\"}"));

    machine.write(tree + "chosen/power/max_current", "\1");
    CHECK(error_of(collect("rpi_board", machine.host())).find("max_current") != std::string::npos);
}

TEST_CASE("fan, clock battery and power over Ethernet are shown where they are") {
    Machine machine;
    make_pi(machine);
    machine.write("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
    machine.write("sys/class/hwmon/hwmon3/name", "pwmfan\n");
    machine.write("sys/class/hwmon/hwmon3/fan1_input", "2873\n");
    machine.write("sys/class/hwmon/hwmon3/pwm1", "51\n");
    machine.write("sys/class/rtc/rtc0/battery_voltage", "3021504\n");
    machine.write("sys/class/rtc/rtc0/charging_voltage", "3000000\n");
    machine.write("sys/class/rtc/rtc0/charging_voltage_min", "1300000\n");
    machine.write("sys/class/rtc/rtc0/charging_voltage_max", "4400000\n");
    machine.write("sys/class/power_supply/rpi-poe/online", "1\n");
    machine.write("sys/class/power_supply/rpi-poe/current_now", "715000\n");
    machine.write("sys/class/power_supply/rpi-poe/current_max", "2500000\n");
    auto collected = collect("rpi_sensors", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.at("rpi_fan_rpm") == 2873);
    CHECK(collected.page.at("rpi_fan_duty_ratio") == 0.2);
    CHECK(collected.page.at("rpi_rtc_battery_volts") == 3.021504);
    CHECK(collected.page.at("rpi_rtc_charging_volts") == 3);
    CHECK(collected.page.at("rpi_rtc_charging_min_volts") == 1.3);
    CHECK(collected.page.at("rpi_rtc_charging_max_volts") == 4.4);
    CHECK(collected.page.at("rpi_poe_online") == 1);
    CHECK(collected.page.at("rpi_poe_current_amperes") == 0.715);
    CHECK(collected.page.at("rpi_poe_max_current_amperes") == 2.5);

    machine.write("sys/class/hwmon/hwmon3/fan1_input", "fast\n");
    collected = collect("rpi_sensors", machine.host());
    CHECK(error_of(collected).find("fan1_input") != std::string::npos);
    CHECK(collected.page.at("rpi_poe_online") == 1);
}

TEST_CASE("cards tell what they are, an eMMC how worn it is") {
    Machine machine;
    make_pi(machine);
    machine.write("sys/block/mmcblk0/device/type", "MMC\n");
    machine.write("sys/block/mmcblk0/device/name", "BJTD4R\n");
    machine.write("sys/block/mmcblk0/device/manfid", "0x000015\n");
    machine.write("sys/block/mmcblk0/device/life_time", "0x01 0x0b\n");
    machine.write("sys/block/mmcblk0/device/pre_eol_info", "0x02\n");
    machine.write("sys/block/mmcblk0boot0/device/type", "MMC\n");
    machine.write("sys/block/mmcblk1/device/type", "SD\n");
    machine.write("sys/block/mmcblk1/device/date", "08/2023\n");
    auto collected = collect("rpi_storage", machine.host());
    CHECK(collected.result);
    const auto& page = collected.page;
    CHECK(
        page.has("rpi_mmc_info{date=\"\",device=\"mmcblk0\",fwrev=\"\",hwrev=\"\",manfid=\"0x000015\",name="
                 "\"BJTD4R\",oemid=\"\",type=\"MMC\"}"));
    CHECK(page.count("rpi_mmc_info") == 2);
    CHECK(page.at("rpi_mmc_life_time_used_ratio{area=\"a\",device=\"mmcblk0\"}") == 0.1);
    CHECK(page.at("rpi_mmc_life_time_used_ratio{area=\"b\",device=\"mmcblk0\"}") == 1.1);
    CHECK(page.at("rpi_mmc_pre_eol_state{device=\"mmcblk0\"}") == 2);
    CHECK(page.count("rpi_mmc_life_time_used_ratio") == 2);

    machine.write("sys/block/mmcblk0/device/life_time", "0x00 0x01\n");
    CHECK(collect("rpi_storage", machine.host()).page.count("rpi_mmc_life_time_used_ratio") == 1);
    for (const auto* bad : {"1 2\n", "0xzz 0x01\n", "0x\n", "0x01x\n"}) {
        machine.write("sys/block/mmcblk0/device/life_time", bad);
        collected = collect("rpi_storage", machine.host());
        CHECK(error_of(collected).find("life_time") != std::string::npos);
        CHECK(collected.page.count("rpi_mmc_info") == 2);
    }
}

TEST_CASE("what ext4 wrote, and file systems that the kernel made read-only") {
    Machine machine;
    make_pi(machine);
    machine.write("sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes", "1048576\n");
    machine.write("sys/fs/ext4/mmcblk0p2/errors_count", "3\n");
    machine.write("sys/fs/ext4/features/lazy_itable_init", "supported\n");
    machine.write("proc/1/mountinfo",
                  "21 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 ro\n"
                  "22 21 179:1 / /boot rw shared:2 - vfat /dev/mmcblk0p1 rw,errors=remount-ro\n"
                  "23 21 179:2 /var /bind rw shared:1 - ext4 /dev/mmcblk0p2 ro\n"
                  "24 21 8:1 / /media ro shared:3 - ext4 /dev/sda1 ro\n"
                  "25 21 0:4 / /proc rw - proc proc rw\n");
    auto collected = collect("rpi_storage", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.at("rpi_ext4_lifetime_written_bytes_total{device=\"mmcblk0p2\"}") == 1073741824);
    CHECK(collected.page.at("rpi_ext4_errors_total{device=\"mmcblk0p2\"}") == 3);
    const auto taken_away = [&](const std::string& device, const std::string& point) {
        return collected.page.at("rpi_filesystem_remounted_read_only{device=\"" + device +
                                 "\",mountpoint=\"" + point + "\"}");
    };
    CHECK(taken_away("/dev/mmcblk0p2", "/") == 1);
    CHECK(taken_away("/dev/mmcblk0p1", "/boot") == 0);
    CHECK(taken_away("/dev/sda1", "/media") == 0);  // mounted so
    CHECK(collected.page.count("rpi_filesystem_remounted_read_only") == 3);

    const auto mounts =
        parse_mountinfo("mountinfo", "21 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw,emergency_ro\n");
    REQUIRE(mounts.has_value());
    CHECK(mounts->front().write_taken_away);
}

TEST_CASE("the journal's files are summed up") {
    Machine machine;
    make_pi(machine);
    machine.write("root/var/log/journal/0123/system.journal", std::string(40'000, 'j'));
    machine.write("root/var/log/journal/0123/user-1000.journal", std::string(10'000, 'j'));
    Probe storage("rpi_storage");
    const auto page = storage(machine.host()).page;
    CHECK(page.at("rpi_journal_bytes{storage=\"persistent\"}") >= 50'000);
    CHECK(page.at("rpi_journal_bytes{storage=\"persistent\"}") < 100'000);
    CHECK_FALSE(page.has("rpi_journal_bytes{storage=\"volatile\"}"));
    machine.write("root/var/log/journal/0123/more.journal", std::string(400'000, 'j'));
    CHECK(storage(machine.host()).page.series == page.series);  // measured every five minutes
}

TEST_CASE("zram tells what it holds and what that takes") {
    Machine machine;
    machine.write("sys/block/zram0/disksize", "2147483648\n");
    machine.write("sys/block/zram0/mm_stat", " 40960 10240 20480 0 24576 5 6 7 8\n");
    machine.write("sys/block/zram1/disksize", "0\n");
    machine.write("sys/block/zram1/mm_stat", "0 0 0 0 0 0 0 0 0\n");
    auto collected = collect("rpi_zram", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.series.size() == 10);
    CHECK(collected.page.at("rpi_zram_disksize_bytes{device=\"zram0\"}") == 2147483648.0);
    CHECK(collected.page.at("rpi_zram_orig_data_bytes{device=\"zram0\"}") == 40960);
    CHECK(collected.page.at("rpi_zram_compr_data_bytes{device=\"zram0\"}") == 10240);
    CHECK(collected.page.at("rpi_zram_mem_used_bytes{device=\"zram0\"}") == 20480);
    CHECK(collected.page.at("rpi_zram_mem_limit_bytes{device=\"zram0\"}") == 0);
    CHECK(collected.page.at("rpi_zram_mem_used_max_bytes{device=\"zram0\"}") == 24576);
    CHECK(collected.page.at("rpi_zram_same_pages{device=\"zram0\"}") == 5);
    CHECK(collected.page.at("rpi_zram_compacted_pages_total{device=\"zram0\"}") == 6);
    CHECK(collected.page.at("rpi_zram_huge_pages{device=\"zram0\"}") == 7);
    CHECK(collected.page.at("rpi_zram_huge_pages_total{device=\"zram0\"}") == 8);

    machine.write("sys/block/zram0/mm_stat", "1 2 3 4 5 6 7\n");  // before Linux 4.19
    CHECK(collect("rpi_zram", machine.host()).page.series.size() == 8);
    for (const auto* bad : {"1 2 3 4 5 6\n", "1 2 x 4 5 6 7\n"}) {
        machine.write("sys/block/zram0/mm_stat", bad);
        CHECK(error_of(collect("rpi_zram", machine.host())).find("mm_stat") != std::string::npos);
    }
}

TEST_CASE("wireless links tell their quality") {
    Machine machine;
    const std::string head =
        "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n"
        " face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n";
    machine.write("proc/net/wireless",
                  head + " wlan0: 0000   54.  -56.  -256        1      2      3      4      5        6\n");
    const auto page = collect("rpi_wireless", machine.host()).page;
    CHECK(page.at("rpi_wireless_link_quality{device=\"wlan0\"}") == 54);
    CHECK(page.at("rpi_wireless_signal_dbm{device=\"wlan0\"}") == -56);
    CHECK_FALSE(page.has("rpi_wireless_noise_dbm{device=\"wlan0\"}"));  // -256: not known
    CHECK(page.at("rpi_wireless_discarded_total{device=\"wlan0\",reason=\"crypt\"}") == 2);
    CHECK(page.at("rpi_wireless_discarded_total{device=\"wlan0\",reason=\"misc\"}") == 5);
    CHECK(page.at("rpi_wireless_missed_beacons_total{device=\"wlan0\"}") == 6);
    CHECK(page.series.size() == 8);
    for (const auto* bad :
         {" wlan0: 0000 54. -56. -256 1 2 3 4 5\n", " wlan0 0000\n", ": 0000 1 2 3 4 5 6 7 8 9\n"}) {
        machine.write("proc/net/wireless", head + bad);
        CHECK(error_of(collect("rpi_wireless", machine.host())).find("wireless line 3") != std::string::npos);
    }
}

}  // namespace pifleet::node::test
