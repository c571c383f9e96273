#include "exporters/node/commands/difference.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::node;

namespace {

PageShape page(const std::string& text) {
    const auto shape = shape_of(text, metrics::Format::text_0_0_4);
    REQUIRE(shape.has_value());
    return *shape;
}

const std::string load = "# TYPE node_load1 gauge\nnode_load1 1\n";

bool has(const Difference& difference, const std::string& part) {
    INFO(difference.report);
    CHECK(difference.report.find(part) != std::string::npos);
    return difference.report.find(part) != std::string::npos;
}

Difference differ(const std::string& theirs, const std::string& ours) {
    return node::differ(page(theirs), page(ours), page(ours));
}

}  // namespace

TEST_CASE("the same pages differ in nothing, whatever the order of labels") {
    const auto same = differ(load + "a{x=\"1\",y=\"2\"} 1\n", "a{y=\"2\",x=\"1\"} 1\n" + load);
    CHECK(same.missing == 0);
    CHECK(same.report == "nothing of theirs is missing here\n");
}

TEST_CASE("families and series of theirs that are missing count, ours that they have not do not") {
    const auto family = differ(load + "# TYPE node_x counter\nnode_x{a=\"1\"} 1\nnode_x{a=\"2\"} 1\n", load);
    CHECK(family.missing == 1);
    has(family, "families of theirs that are missing here:\n  node_x (counter, 2 series)\n");
    const auto series = differ("node_x{a=\"1\"} 1\nnode_x{a=\"2\"} 1\n", "node_x{a=\"1\"} 1\n");
    CHECK(series.missing == 1);
    has(series, "series of theirs that are missing here:\n  node_x{a=\"2\"}\n");
    const auto ours = differ(load, load + "rpi_throttled 0\n");
    CHECK(ours.missing == 0);
    has(ours, "families that are only here:\n  rpi_throttled ");
}

TEST_CASE("another type and other labels are said") {
    const auto type = differ(load, "# TYPE node_load1 counter\nnode_load1 1\n");
    CHECK(type.missing == 1);
    has(type, "node_load1: gauge there, counter here");
    const auto labels = differ("x{a=\"1\",b=\"2\"} 1\n", "x{a=\"1\"} 1\n");
    CHECK(labels.missing == 1);
    has(labels, "x: {a,b} there, {a} here");
}

TEST_CASE("values that moved meanwhile are no difference") {
    const auto at = [](const std::string& value) { return page("x " + value + "\n"); };
    CHECK(node::differ(at("2"), at("1"), at("3")).report == "nothing of theirs is missing here\n");
    CHECK(node::differ(at("NaN"), at("NaN"), at("NaN")).report == "nothing of theirs is missing here\n");
    const auto stood = node::differ(at("2"), at("1"), at("1"));
    CHECK(stood.missing == 0);
    has(stood, "x  theirs 2  ours 1");
}

TEST_CASE("what an exporter says of itself is named apart and not missed") {
    const auto found = differ(load + "go_goroutines 7\nnode_exporter_build_info{version=\"1\"} 1\n", load);
    CHECK(found.missing == 0);
    has(found, "about the exporter itself, theirs: go_goroutines, node_exporter_build_info\n");
}

TEST_CASE("a histogram is one family") {
    const std::string histogram =
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n# TYPE c counter\nc_count 1\n";
    const auto found = differ(histogram, load);
    has(found, "  h (histogram, 3 series)\n");
    has(found, "  c_count (unknown, 1 series)\n");
}

TEST_CASE("long lists are cut and counted") {
    std::string many;
    for (int i = 0; i < 30; ++i) many += "x{a=\"" + std::to_string(i) + "\"} 1\n";
    const auto found = differ(many, "x{a=\"0\"} 1\n");
    CHECK(found.missing == 29);
    has(found, "  and 19 more of this family\n");
}
