#include "exporters/node/collectors/cpu_ticks.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

namespace {

std::string line(int user_ticks, int idle_ticks) {
    return "cpu0 " + std::to_string(user_ticks) + " 0 0 " + std::to_string(idle_ticks) + " 0 0 0 0 0 0\n";
}

}  // namespace

TEST_CASE("CPU times never go backwards") {
    CpuTicks ticks;
    REQUIRE(ticks.update("stat", line(500, 10'000)));

    SECTION("a small step back of idle keeps what was seen") {
        REQUIRE(ticks.update("stat", line(600, 9'701)));
        CHECK(ticks.cpus().at(0)[cpu_idle] == 10'000);
        CHECK(ticks.cpus().at(0)[cpu_user] == 600);
    }
    SECTION("three seconds back are a CPU that was plugged in again: all starts anew") {
        REQUIRE(ticks.update("stat", line(7, 9'700)));
        CHECK(ticks.cpus().at(0)[cpu_idle] == 9'700);
        CHECK(ticks.cpus().at(0)[cpu_user] == 7);
    }
    SECTION("other times may not step back") {
        REQUIRE(ticks.update("stat", line(400, 10'001)));
        CHECK(ticks.cpus().at(0)[cpu_user] == 500);
    }
    SECTION("a CPU that went offline keeps its counts") {
        REQUIRE(ticks.update("stat", "cpu1 1 0 0 2 0 0 0 0 0 0\n"));
        CHECK(ticks.cpus().at(0)[cpu_user] == 500);
        CHECK(ticks.cpus().at(1)[cpu_user] == 1);
    }
    SECTION("an error leaves everything as it was") {
        CHECK_FALSE(ticks.update("stat", line(900, 11'000) + "cpu1 1 x\n"));
        CHECK(ticks.cpus().at(0)[cpu_user] == 500);
        CHECK(ticks.cpus().size() == 1);
    }
    SECTION("a CPU cannot stand twice, have a wild number or too few columns") {
        CHECK_FALSE(ticks.update("stat", line(1, 1) + line(1, 1)));
        CHECK_FALSE(ticks.update("stat", "cpu99999999 1 0 0 2 0 0 0 0 0 0\n"));
        CHECK_FALSE(ticks.update("stat", "cpu0 1 0 0 2\n"));
        CHECK_FALSE(ticks.update("stat", "cpu 1 0 0 2 0 0 0 0 0 0\n"));
    }
}

TEST_CASE("guest times can be left out") {
    Machine machine;
    machine.write("proc/stat", "cpu0 1 2 3 4 5 6 7 8 9 10\n");
    CHECK(collect("cpu", machine.host()).page.at("node_cpu_guest_seconds_total{cpu=\"0\",mode=\"nice\"}") ==
          0.1);
    CHECK(collect("cpu", machine.host(), {"--no-collector.cpu.guest"}).page.count("node_cpu_guest") == 0);
}

TEST_CASE("a pattern for CPU flags asks for CPU info") {
    Machine machine;
    machine.write("proc/stat", "cpu0 1 2 3 4 5 6 7 8 9 10\n");
    machine.write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu avx avx2 avx\nbugs\t\t: mds\n");
    const auto page = collect("cpu", machine.host(), {"--collector.cpu.info.flags-include=^avx"}).page;
    CHECK(page.count("node_cpu_flag_info") == 2);
    CHECK(page.count("node_cpu_info") == 1);
    CHECK(page.count("node_cpu_bug_info") == 0);
    CHECK(
        make_error("cpu", {"--collector.cpu.info.bugs-include=("}).find("collector.cpu.info.bugs-include") !=
        std::string::npos);
}

TEST_CASE("isolated CPUs are read from ranges") {
    Machine machine;
    machine.write("proc/stat", "cpu0 1 2 3 4 5 6 7 8 9 10\n");
    machine.write("sys/devices/system/cpu/isolated", "1-3,7\n");
    CHECK(collect("cpu", machine.host()).page.count("node_cpu_isolated") == 4);
    for (const auto* bad : {"3-1\n", "1-\n", "a\n", "1-99999999999\n"}) {
        machine.write("sys/devices/system/cpu/isolated", bad);
        const auto collected = collect("cpu", machine.host());
        CHECK_FALSE(collected.result);
        CHECK(collected.page.count("node_cpu_isolated") == 0);
        CHECK(collected.page.count("node_cpu_seconds_total") == 8);
    }
}

}  // namespace pifleet::node::test
