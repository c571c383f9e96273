// The collectors that read one file of /proc or /sys.
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

TEST_CASE("meminfo refuses what is not a line of it") {
    Machine machine;
    machine.write("proc/meminfo", "MemTotal: 4 kB\nActive(anon): 2 kB\nHugePages_Total: 3\n");
    const auto good = collect("meminfo", machine.host());
    CHECK(good.result);
    CHECK(good.page.at("node_memory_MemTotal_bytes") == 4096);
    CHECK(good.page.at("node_memory_Active_anon_bytes") == 2048);
    CHECK(good.page.at("node_memory_HugePages_Total") == 3);
    for (const auto* bad : {"MemTotal: 4 MB\n",
                            "MemTotal 4 kB\n",
                            "MemTotal:\n",
                            ": 4 kB\n",
                            "Mem Total: 4 kB\n",
                            "MemTotal: 4 kB x\n",
                            "Mem\"x: 4 kB\n",
                            "MemTotal: -4 kB\n",
                            "\n"}) {
        machine.write("proc/meminfo", std::string("MemFree: 1 kB\n") + bad);
        const auto refused = collect("meminfo", machine.host());
        REQUIRE_FALSE(refused.result);
        CHECK(refused.result.error().message.find("meminfo line 2") != std::string::npos);
    }
    machine.write("proc/meminfo", "MemFree: 1 kB\nMemFree: 2 kB\n");
    CHECK_FALSE(collect("meminfo", machine.host()).result);
}

TEST_CASE("stat says which line is missing and shows the others") {
    Machine machine;
    machine.write("proc/stat", "intr 5 1\nctxt 6\nbtime 7\nprocesses 8\nprocs_running 9\n");
    const auto collected = collect("stat", machine.host());
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().message.find("'procs_blocked'") != std::string::npos);
    CHECK(collected.page.at("node_forks_total") == 8);
    CHECK_FALSE(collected.page.has("node_procs_blocked"));
    CHECK_FALSE(collect("stat", machine.host(), {"--collector.stat.softirq"}).result);
}

TEST_CASE("diskstats takes the columns that the kernel has and refuses others") {
    Machine machine;
    machine.write("proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");
    const auto old = collect("diskstats", machine.host());
    CHECK(old.result);
    CHECK(old.page.at("node_disk_read_bytes_total{device=\"sda\"}") == 3 * 512);
    CHECK(old.page.count("node_disk_discards") == 0);
    for (const auto* bad : {"8 0 sda 1 2 3\n",
                            "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12\n",
                            "8 x sda 1 2 3 4 5 6 7 8 9 10 11\n",
                            "8 0 sda 1 2 3 4 5 6 7 8 9 10 -11\n",
                            "8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n"}) {
        INFO(bad);
        machine.write("proc/diskstats", bad);
        CHECK_FALSE(collect("diskstats", machine.host()).result);
    }
    // More columns than known are those of a newer kernel.
    machine.write("proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n");
    CHECK(collect("diskstats", machine.host()).page.at("node_disk_flush_requests_total{device=\"sda\"}") ==
          16);
}

TEST_CASE("a disk's serial number is the one printed on it, if that is known") {
    Machine machine;
    machine.write("proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n");
    const auto serial = [&](std::string_view udev) {
        machine.write("udev/b8:0", udev);
        return collect("diskstats", machine.host()).page;
    };
    const auto info = [](const std::string& text) {
        return "node_disk_info{device=\"sda\",major=\"8\",minor=\"0\",model=\"\",path=\"\",revision=\"\","
               "rotational=\"0\","
               "serial=\"" +
               text + "\",wwn=\"\"}";
    };
    CHECK(serial("").has(info("")));
    CHECK(serial("E:ID_SERIAL=long\n").has(info("long")));
    CHECK(serial("E:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\nS:x\nE:broken").has(info("short")));
    CHECK(serial("E:ID_SERIAL_SHORT=short\nE:SCSI_IDENT_SERIAL=s\xff\n").has(info("s\xef\xbf\xbd")));
}

TEST_CASE("the clock is told even when the clock sources are not") {
    Machine machine;
    machine.write("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc\n");
    const auto collected = collect("time", machine.host());
    CHECK_FALSE(collected.result);
    CHECK(collected.page.at("node_time_seconds") > 1.7e9);
    CHECK(collected.page.count("node_time_zone_offset_seconds") == 1);
}

}  // namespace pifleet::node::test
