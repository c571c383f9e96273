#include "forwarder/scrape/node_name.hpp"

#include "forwarder/discovery/target.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::string name_of(std::string_view page) {
    NodeNameReader reader;
    metrics::PageParser parser(metrics::Format::text_0_0_4, reader);
    REQUIRE(parser.feed(page));
    REQUIRE(parser.finish());
    return reader.name();
}

}  // namespace

TEST_CASE("the page's nodename is the node's name") {
    CHECK(name_of("a 1\nnode_uname_info{machine=\"armv7l\",nodename=\"pi \\\"1\\\"\"} 1\nb 1\n") ==
          "pi \"1\"");
    CHECK(name_of("{\"node_uname_info\",nodename=\"pi2\"} 1\n").empty());
    CHECK(name_of("node_uname_info{nodename=\"one\"} 1\nnode_uname_info{nodename=\"two\"} 1\n") == "one");
    CHECK(name_of("a{nodename=\"x\"} 1\nnode_uname_info_x{nodename=\"y\"} 1\nnode_uname_info 1\n").empty());
    CHECK(name_of("node_uname_info{nodename=\"\\x\"} 1\nnode_uname_info{nodename=\"\"} 1\n").empty());
    CHECK(name_of("node_uname_info{nodename=\"" + std::string(256, 'n') + "\"} 1\n").empty());
}

TEST_CASE("a learnt name is among the labels of a target's series and no part of its identity") {
    const ScrapeConfig job;
    Target target{&job, {}, {{"instance", "pi:9100"}, {"zone", "z"}}, Duration(1), Duration(1)};
    const auto identity = target.identity();
    CHECK(target.series_labels() == target.labels);
    target.node_name = "pi";
    CHECK(target.series_labels() == Pairs{{"instance", "pi:9100"}, {"node_name", "pi"}, {"zone", "z"}});
    CHECK(target.identity() == identity);
}
