// Performance counters with answers made up, and those of the running kernel where it allows them.
#include "exporters/node/collectors/perf.hpp"

#include "exporters/node/collectors/perf_events.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <set>

namespace pifleet::node::test {

namespace {

// A descriptor that gives the answers one after the other, and after them none.
int answers(const std::vector<std::array<std::uint64_t, 3>>& all) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    for (const auto& answer : all)
        REQUIRE(::write(ends[1], answer.data(), sizeof answer) == static_cast<ssize_t>(sizeof answer));
    ::close(ends[1]);
    return ends[0];
}

Collected collect_with(const PerfOpen& open, const Host& host, std::vector<const char*> flags = {}) {
    auto made = make_perf(command_line(flags), open);
    REQUIRE(made.has_value());
    return Probe(std::move(*made))(host);
}

struct TwoCpus : Machine {
    TwoCpus() {
        write("sys/devices/system/cpu/online", "0-1\n");
        write("sys/kernel/tracing/events/sched/sched_switch/id", "314\n");
        write("sys/kernel/debug/tracing/events/irq/irq_handler_entry/id", "15\n");
    }
};

}  // namespace

TEST_CASE("perf: a counter that has to share fills in what it missed, and never goes back") {
    PerfCounter counter(
        answers({{10, 100, 100}, {20, 200, 150}, {20, 300, 150}, {24, 400, 250}, {23, 400, 250}}));
    CHECK(counter.read().value() == 10);
    CHECK(counter.read().value() == 30);  // counted half of the time
    CHECK(counter.read().value() == 30);  // did not count at all
    CHECK(counter.read().value() == 34);
    CHECK_FALSE(counter.read());  // backwards
    PerfCounter offline(answers({}));
    CHECK(offline.read().value() == 0);
    PerfCounter gone(-1);
    CHECK_FALSE(gone.read());
}

TEST_CASE("perf: every event of every CPU; what a CPU has not is left out") {
    const TwoCpus machine;
    std::set<std::pair<std::uint32_t, std::uint64_t>> asked;
    const auto open = [&asked](std::uint32_t type, std::uint64_t config, unsigned cpu) {
        asked.insert({type, config});
        if (type == PERF_TYPE_HW_CACHE && cpu == 1) return -ENOENT;
        return answers({{config % 100 + cpu, 5, 5}});
    };
    const auto got = collect_with(open,
                                  machine.host(),
                                  {"--collector.perf.tracepoint=sched:sched_switch",
                                   "--collector.perf.tracepoint=irq:irq_handler_entry"});
    CHECK(got.result);
    CHECK(asked.size() == 9 + 5 + 16 + 2);
    CHECK(got.page.series.size() == 2 * (9 + 5 + 2) + 16);
    CHECK(got.page.at("node_perf_sched_sched_switch{cpu=\"1\"}") == 15);
    CHECK(got.page.at("node_perf_irq_irq_handler_entry{cpu=\"0\"}") == 15);
    CHECK(got.page.at("node_perf_instructions_total{cpu=\"1\"}") == 2);
    CHECK(got.page.has("node_perf_cache_bpu_read_misses_total{cpu=\"0\"}"));
    CHECK_FALSE(got.page.has("node_perf_cache_bpu_read_misses_total{cpu=\"1\"}"));
}

TEST_CASE("perf: flags") {
    const TwoCpus machine;
    const auto open = [](std::uint32_t, std::uint64_t, unsigned) { return answers({{1, 1, 1}}); };
    const auto series = [&](std::vector<const char*> flags) {
        return collect_with(open, machine.host(), std::move(flags)).page.series.size();
    };
    CHECK(series({"--collector.perf.disable-hardware-profilers",
                  "--collector.perf.disable-cache-profilers"}) == 10);
    CHECK(series({"--collector.perf.disable-software-profilers",
                  "--collector.perf.hardware-profilers=CpuCycles",
                  "--collector.perf.hardware-profilers=CpuInstr",
                  "--collector.perf.cache-profilers=LLReadMiss"}) == 6);
    CHECK(series({"--collector.perf.cpus=0,4-8:2"}) == 4 * 30);
    for (const char* flag : {"--collector.perf.cpus=x",
                             "--collector.perf.cpus=3-1",
                             "--collector.perf.cpus=0-9:0",
                             "--collector.perf.cpus=0-99999999999",
                             "--collector.perf.cpus=0,",
                             "--collector.perf.tracepoint=sched",
                             "--collector.perf.tracepoint=../../x:y",
                             "--collector.perf.software-profilers=PageFaults"}) {
        INFO(flag);
        const std::string text = flag;
        CHECK(make_error("perf", {flag}).find(text.substr(0, text.find('='))) != std::string::npos);
    }
    const auto unknown = collect_with(open, machine.host(), {"--collector.perf.tracepoint=no:such"});
    REQUIRE_FALSE(unknown.result);
    CHECK(unknown.result.error().kind == Error::Kind::failure);
    CHECK(unknown.result.error().message.find("kernel/tracing/events/no/such/id") != std::string::npos);
}

TEST_CASE("perf: not allowed is a failure that says what it takes, and is tried again") {
    const TwoCpus machine;
    bool allowed = false;
    auto made = make_perf(command_line({}), [&allowed](std::uint32_t, std::uint64_t, unsigned) {
        return allowed ? answers({{1, 1, 1}, {2, 2, 2}}) : -EACCES;
    });
    REQUIRE(made.has_value());
    Probe probe(std::move(*made));
    const auto refused = probe(machine.host());
    REQUIRE_FALSE(refused.result);
    CHECK(refused.result.error().message.find("perf_event_paranoid") != std::string::npos);
    CHECK(refused.page.series.empty());
    allowed = true;
    CHECK(probe(machine.host()).page.series.size() == 60);
    machine.write("sys/devices/system/cpu/online", "garbage");
    CHECK_FALSE(probe(machine.host()).result);
}

TEST_CASE("perf: asks the running kernel") {
    Machine machine;
    machine.write("sys/devices/system/cpu/online", "0\n");
    Probe probe("perf",
                {"--collector.perf.disable-hardware-profilers", "--collector.perf.disable-cache-profilers"});
    const auto first = probe(machine.host());
    if (!first.result) return;  // a sandbox that forbids it
    const std::string faults = "node_perf_page_faults_total{cpu=\"0\"}";
    CHECK(probe(machine.host()).page.at(faults) >= first.page.at(faults));
}

}  // namespace pifleet::node::test
