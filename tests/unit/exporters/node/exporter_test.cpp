#include "exporters/node/exporter.hpp"

#include "exporters/node/machine_files.hpp"
#include "exporters/node/registry.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <algorithm>

namespace pifleet::node::test {

namespace {

using Words = std::vector<std::string>;

std::unique_ptr<Exporter> small_exporter(const Machine& machine) {
    auto exporter = make_exporter({"--collector.disable-defaults",
                                   "--collector.loadavg",
                                   "--collector.uname",
                                   "--path.procfs=" + machine.path("proc/")});
    REQUIRE(exporter.has_value());
    return std::move(*exporter);
}

std::string refusal(const Exporter& exporter, const Words& collect, const Words& exclude) {
    const auto selection = exporter.select(collect, exclude);
    return selection ? std::string() : selection.error().message;
}

}  // namespace

TEST_CASE("collectors are switched on and off") {
    const auto names = [](Words flags) { return (*make_exporter(std::move(flags)))->names(); };
    const auto all = names({});
    const auto on = [](const CollectorKind* kind) { return kind->enabled; };
    CHECK(static_cast<long>(all.size()) == std::count_if(registry().begin(), registry().end(), on));
    CHECK(all.size() < registry().size());
    CHECK(names({"--collector.swap"}).size() == all.size() + 1);
    CHECK(names({"--no-collector.cpu"}).size() == all.size() - 1);
    CHECK(names({"--collector.disable-defaults"}).empty());
    CHECK(names({"--collector.disable-defaults", "--collector.cpu"}) == std::vector<std::string_view>{"cpu"});
    CHECK(names({"--collector.disable-defaults", "--no-collector.cpu"}).empty());
    CHECK_FALSE(make_exporter({"--collector.netdev.device-include=["}).has_value());
    CHECK(make_exporter({"--no-collector.netdev", "--collector.netdev.device-include=["}).has_value());
}

TEST_CASE("collect[] and exclude[] choose among the collectors that are on") {
    Machine machine;
    const auto exporter = small_exporter(machine);
    CHECK(*exporter->select({}, {}) == Selection{true, true});
    CHECK(*exporter->select(Words{"uname"}, {}) == Selection{false, true});
    CHECK(*exporter->select({}, Words{"uname", "whatever"}) == Selection{true, false});
    CHECK(refusal(*exporter, {"nonsense"}, {}) == "missing collector: nonsense");
    CHECK(refusal(*exporter, {"uname", "cpu"}, {}) == "disabled collector: cpu");
    CHECK_FALSE(refusal(*exporter, {"uname"}, {"loadavg"}).empty());
}

TEST_CASE("each collector's success and time are told, and a failure is that collector's alone") {
    Machine machine;
    const auto exporter = small_exporter(machine);
    const auto scrape = [&](const Selection& selection) {
        return parse(exporter->scrape(selection, metrics::Format::text_0_0_4));
    };
    auto page = scrape(exporter->everything());
    CHECK(page.at("node_scrape_collector_success{collector=\"loadavg\"}") == 0);
    CHECK(page.at("node_scrape_collector_success{collector=\"uname\"}") == 1);
    CHECK(page.count("node_uname_info") == 1);
    CHECK(page.count("node_exporter_build_info{branch=") == 1);
    CHECK(page.count("process_") > 3);

    machine.write("proc/loadavg", "0.5 1 2 1/2 3\n");
    page = scrape({true, false});
    CHECK(page.at("node_load1") == 0.5);
    CHECK(page.count("node_scrape_collector_duration_seconds") == 1);
    CHECK(page.count("node_uname_info") == 0);
}

TEST_CASE("the page can be given in OpenMetrics") {
    Machine machine;
    const auto exporter = small_exporter(machine);
    CHECK(exporter->scrape(exporter->everything(), metrics::Format::openmetrics_1_0).ends_with("# EOF\n"));
}

TEST_CASE("every collector is in the registry once, with help and flags of its own") {
    std::vector<std::string_view> names;
    for (const auto* kind : registry()) {
        names.push_back(kind->name);
        CHECK_FALSE(kind->help.empty());
        // Upstream's names are not all the collector's own: powersupplyclass has collector.powersupply.*.
        for (const auto& flag : kind->flags)
            CHECK(flag.name.starts_with(
                switch_name(*kind).substr(0, std::string_view("collector.abc").size())));
    }
    CHECK(names.back() == "textfile");  // it must see whose names are taken
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("machine files must be whole") {
    Machine machine;
    CHECK(read_lines(machine.path("missing")).error().kind == Error::Kind::failure);
    machine.write("empty", "");
    CHECK(read_lines(machine.path("empty")).error().message.ends_with("is empty"));
    machine.write("cut", "a\nb");
    CHECK(read_lines(machine.path("cut")).error().message.ends_with("ends within a line"));
    machine.write("number", " 42\n");
    CHECK(*read_int(machine.path("number")) == 42);
    machine.write("number", "42x\n");
    CHECK(read_int(machine.path("number")).error().message.find("'42x' is not a number") !=
          std::string::npos);
    CHECK(read_int(machine.path("missing")).error().kind == Error::Kind::absent);
    for (const auto* name : {"cpu0", "cpu10", "cpu2", "cpufreq", "cpu", "cpu1x"})
        machine.write(std::string("cpus/") + name, "");
    CHECK(numbered_entries(machine.path("cpus"), "cpu") == Words{"cpu0", "cpu10", "cpu2"});
}

TEST_CASE("bytes that are no UTF-8 are replaced, a run by one sign") {
    const std::string sign = "\xef\xbf\xbd";
    CHECK(valid_utf8("plain") == "plain");
    CHECK(valid_utf8("gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x8d\x93") ==
          "gr\xc3\xbc\xc3\x9f\xe2\x82\xac\xf0\x9f\x8d\x93");
    CHECK(valid_utf8("a\xff\xfe"
                     "b\x80") == "a" + sign + "b" + sign);
    CHECK(valid_utf8("\xc3") == sign);
    CHECK(valid_utf8("\xed\xa0\x80") == sign);         // a surrogate
    CHECK(valid_utf8("\xf4\x90\x80\x80") == sign);     // beyond Unicode
    CHECK(valid_utf8("\xe0\x80\x80x") == sign + "x");  // too long for what it says
}

}  // namespace pifleet::node::test
