#include "forwarder/scrape/target_state.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

TEST_CASE("families: those that the target's own page has series of") {
    ScrapeConfig job;
    SeriesTable series;
    MetadataTable metadata;
    const Target target{&job, {}, {{"instance", "pi:1"}}, Duration(5000), Duration(1000)};
    TargetState state(target, series, metadata), other(target, series, metadata);
    const auto scrape = [](TargetState& of, std::string_view page) {
        of.begin(1000);
        metrics::PageParser parser(metrics::Format::text_0_0_4, of);
        REQUIRE(parser.feed(page));
        REQUIRE(parser.finish());
        static_cast<void>(of.succeed({}, 1));
    };
    const auto names = [&state] {
        std::string out;
        for (const auto* family : state.families()) out += family->name + ' ';
        return out;
    };
    CHECK(names().empty());
    scrape(other, "# TYPE elsewhere gauge\nelsewhere 1\n");
    scrape(state,
           "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"
           "# TYPE \"a name\" gauge\n{\"a name\",x=\"y\"} 1\n{\"a name\",x=\"z\"} 1\n"
           "# TYPE unused counter\nuntold 1\n# TYPE g gauge\ng 1\n");
    CHECK(names() == "a name g h ");
    scrape(state, "g 1\n");
    CHECK(names() == "g ");
}
