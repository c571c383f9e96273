#include "common/metrics/page.hpp"

#include "tests/catch.hpp"

#include <cmath>

using namespace pifleet::metrics;

namespace {

constexpr Family load{"node_load1", Type::gauge, "1m load average."};
constexpr Family cpu{"node_cpu_seconds_total", Type::counter, "Seconds."};
constexpr Family odd{"node_odd", Type::counter, "A counter without _total."};
constexpr Family raw{"raw", Type::unknown, ""};

std::string written(const Page& page, Format format) {
    std::string out;
    page.write(format, out);
    return out;
}

}  // namespace

TEST_CASE("families stand by name with their samples in order") {
    Page page;
    page.add(load, 0.5);
    page.add(cpu, {{"cpu", "0"}, {"mode", "idle"}}, 12.25);
    page.add(cpu, {{"cpu", "1"}, {"mode", "idle"}}, 13);
    CHECK(page.samples() == 3);
    CHECK(written(page, Format::text_0_0_4) ==
          "# HELP node_cpu_seconds_total Seconds.\n"
          "# TYPE node_cpu_seconds_total counter\n"
          "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 12.25\n"
          "node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 13\n"
          "# HELP node_load1 1m load average.\n"
          "# TYPE node_load1 gauge\n"
          "node_load1 0.5\n");
}

TEST_CASE("OpenMetrics drops _total from the family, never renames a series, and ends with EOF") {
    Page page;
    page.add(cpu, {{"cpu", "0"}}, 1);
    page.add(odd, 2);
    page.add(raw, 3);
    CHECK(written(page, Format::openmetrics_1_0) ==
          "# HELP node_cpu_seconds Seconds.\n"
          "# TYPE node_cpu_seconds counter\n"
          "node_cpu_seconds_total{cpu=\"0\"} 1\n"
          "# HELP node_odd A counter without _total.\n"
          "# TYPE node_odd unknown\n"
          "node_odd 2\n"
          "# TYPE raw unknown\n"
          "raw 3\n"
          "# EOF\n");
    CHECK(written(page, Format::text_0_0_4).find("# TYPE raw untyped\n") != std::string::npos);
}

TEST_CASE("label values and help texts are escaped") {
    constexpr Family family{"a", Type::gauge, "back\\slash\nline \"quoted\""};
    Page page;
    page.add(family, {{"l", "q\"b\\n\nx"}}, NAN);
    CHECK(written(page, Format::text_0_0_4) ==
          "# HELP a back\\\\slash\\nline \"quoted\"\n# TYPE a gauge\na{l=\"q\\\"b\\\\n\\nx\"} NaN\n");
    CHECK(written(page, Format::openmetrics_1_0).find("line \\\"quoted\\\"") != std::string::npos);
}

TEST_CASE("a cleared page is empty and can be filled again") {
    Page page;
    page.add(load, 1);
    page.clear();
    CHECK(written(page, Format::text_0_0_4).empty());
    CHECK(page.samples() == 0);
    page.add(load, 2);
    CHECK(written(page, Format::text_0_0_4).ends_with("node_load1 2\n"));
}

TEST_CASE("families that are no longer used do not gather") {
    Page page;
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "passing_" + std::to_string(i);
        page.clear();
        page.add({name, Type::gauge, ""}, i);
        page.add(load, 1);
        CHECK(page.samples() == 2);
    }
    CHECK(page.families() < 200);
    CHECK(written(page, Format::text_0_0_4).find("passing_999 999\n") != std::string::npos);
}

TEST_CASE("parts of a histogram stand under one family") {
    constexpr Family family{"h", Type::histogram, "H."};
    Page page;
    page.add_part(family, "_bucket", std::array{Label{"le", "+Inf"}}, 2);
    page.add_part(family, "_count", {}, 2);
    CHECK(written(page, Format::text_0_0_4) ==
          "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_count 2\n");
}

TEST_CASE("the Accept header decides the format") {
    CHECK(negotiate("") == Format::text_0_0_4);
    CHECK(negotiate("*/*") == Format::text_0_0_4);
    CHECK(negotiate("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5") ==
          Format::text_0_0_4);
    CHECK(negotiate(
              "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.2,*/*;q=0.1") ==
          Format::openmetrics_1_0);
    CHECK(negotiate("application/openmetrics-text;version=9.9.9") == Format::text_0_0_4);
    CHECK(negotiate("application/openmetrics-text;q=0") == Format::text_0_0_4);
    CHECK(negotiate(";;;,,=,") == Format::text_0_0_4);
}
