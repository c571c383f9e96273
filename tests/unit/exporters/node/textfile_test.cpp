#include "exporters/node/collectors/text_page.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <sys/stat.h>

namespace pifleet::node::test {

namespace {

Collected collect_text(const Machine& machine, const std::string& pattern = "text") {
    const auto flag = "--collector.textfile.directory=" + machine.path(pattern);
    return collect("textfile", machine.host(), {flag.c_str()});
}

// A sound file stands beside: it must always be shown.
void check_left_out(const std::string& broken) {
    INFO(broken);
    Machine machine;
    machine.write("text/a.prom", "sound 1\n");
    machine.write("text/b.prom", broken);
    const auto collected = collect_text(machine);
    CHECK(collected.result);
    CHECK(collected.page.at("node_textfile_scrape_error") == 1);
    CHECK(collected.page.at("sound") == 1);
    CHECK(collected.page.count("node_textfile_mtime_seconds") == 1);
    CHECK(collected.page.series.size() == 3);
}

}  // namespace

TEST_CASE("broken text files are left out whole") {
    for (const auto* broken : {
             "good 1\nbad\n",
             "good 1\nbad 1 1700000000000\n",                       // a timestamp
             "good 1\ngood 2\n",                                    // a series twice
             "good{a=\"1\",b=\"2\"} 1\ngood{b=\"2\",a=\"1\"} 2\n",  // the same in another order
             "good{a=\"\"} 1\ngood 2\n",                            // an empty label is none
             "good 1\n# TYPE good counter\n",                       // the type after a sample
             "# TYPE good gauge\n# TYPE good gauge\ngood 1\n",
             "# HELP good a\n# HELP good b\ngood 1\n",
             "# TYPE good info\ngood 1\n",  // a type of OpenMetrics alone
             "# TYPE good histogram\ngood 1\n",
             "# TYPE good histogram\ngood_bucket 1\n",  // without le
             "{\"my name\"} 1\n",
             "good{\"a b\"=\"1\"} 1\n",
             "good{a=\"\xff\"} 1\n",
             "<html>404</html>\n",
             "node_textfile_scrape_error 0\n",  // our own names
             "node_scrape_collector_success{collector=\"x\"} 1\n",
         })
        check_left_out(broken);
}

TEST_CASE("files that contradict each other: the first one stands") {
    check_left_out("# TYPE sound counter\nsound{a=\"1\"} 2\n");
    check_left_out("sound 2\n");
    Machine machine;
    machine.write("text/a.prom", "# HELP x First.\n# TYPE x gauge\nx{a=\"1\"} 1\n");
    machine.write("text/b.prom", "# TYPE x gauge\nx{a=\"2\"} 2\n");  // fits
    machine.write("text/c.prom", "# HELP x Other.\n# TYPE x gauge\nx{a=\"3\"} 3\n");
    machine.write("text/d.prom", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n");
    machine.write("text/e.prom", "h_count 5\n");
    const auto page = collect_text(machine).page;
    CHECK(page.count("x{") == 2);
    CHECK(page.at("h_count") == 1);
    CHECK(page.at("node_textfile_scrape_error") == 1);
    CHECK(page.count("node_textfile_mtime_seconds") == 3);
}

TEST_CASE("a text file cannot take the exporter's own names") {
    Machine machine;
    machine.write("proc/loadavg", "1 2 3 4/5 6\n");
    machine.write("text/a.prom", "node_load1 99\n");
    machine.write("text/b.prom", "# TYPE node histogram\nnode_load1_sum 1\nother 1\n");
    auto exporter = make_exporter({"--collector.disable-defaults",
                                   "--collector.loadavg",
                                   "--collector.textfile",
                                   "--path.procfs=" + machine.path("proc"),
                                   "--collector.textfile.directory=" + machine.path("text")});
    REQUIRE(exporter.has_value());
    const auto page = parse((*exporter)->scrape((*exporter)->everything(), metrics::Format::text_0_0_4));
    CHECK(page.at("node_load1") == 1);
    CHECK(page.at("other") == 1);
    CHECK(page.at("node_textfile_scrape_error") == 1);
}

TEST_CASE("folders may be patterns, be given twice, or be missing") {
    Machine machine;
    machine.write("text1/a.prom", "a 1\n");
    machine.write("text2/b.prom", "b 1\n");
    machine.write("text2/b.prom.tmp", "c 1\n");
    const auto both = collect_text(machine, "text?").page;
    CHECK(both.at("a") + both.at("b") == 2);
    CHECK_FALSE(both.has("c"));
    CHECK(both.at("node_textfile_scrape_error") == 0);
    CHECK(both.has("node_textfile_mtime_seconds{file=\"" + machine.path("text1/a.prom") + "\"}"));

    const auto one = "--collector.textfile.directory=" + machine.path("text1/");
    const auto all = "--collector.textfile.directory=" + machine.path("text*");
    CHECK(collect("textfile", machine.host(), {one.c_str(), all.c_str()})
              .page.at("node_textfile_scrape_error") == 0);

    const auto missing = collect_text(machine, "nothing/here");
    CHECK(missing.result);
    CHECK(missing.page.at("node_textfile_scrape_error") == 1);
    CHECK(collect("textfile", machine.host()).page.at("node_textfile_scrape_error") ==
          0);  // no folder, no error
}

TEST_CASE("a pipe named like a text file does not hold the scrape") {
    Machine machine;
    machine.write("text/a.prom", "sound 1\n");
    REQUIRE(::mkfifo(machine.path("text/pipe.prom").c_str(), 0600) == 0);
    const auto page = collect_text(machine).page;
    CHECK(page.at("sound") == 1);
    CHECK(page.at("node_textfile_scrape_error") == 1);
}

TEST_CASE("help texts and special values survive") {
    const auto page =
        parse_text_page("# HELP x a\\\\b\\nc\n# TYPE x gauge\nx NaN\nx{a=\"1\"} +Inf\n# TYPE unused gauge\n");
    REQUIRE(page.has_value());
    REQUIRE(page->size() == 1);
    CHECK(page->at("x").help == "a\\b\nc");
    CHECK(page->at("x").samples.size() == 2);
}

}  // namespace pifleet::node::test
