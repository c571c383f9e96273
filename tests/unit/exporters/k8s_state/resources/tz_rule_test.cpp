// Rules against the time zones' own dates: when clocks change in known years.
#include "exporters/k8s_state/resources/tz_rule.hpp"

#include "common/base/text.hpp"
#include "exporters/k8s_state/resources/common.hpp"
#include "tests/catch.hpp"

using namespace pifleet::k8s;

namespace {

std::int64_t at(std::string_view time) {
    return static_cast<std::int64_t>(*unix_seconds(time));
}

std::int64_t offset(std::string_view rule, std::string_view time) {
    const auto parsed = TzRule::parse(rule);
    REQUIRE(parsed.has_value());
    return parsed->offset(at(time));
}

}  // namespace

TEST_CASE("tz rule: without summer time") {
    CHECK(offset("UTC0", "2030-07-01T00:00:00Z") == 0);
    CHECK(offset("<+0545>-5:45", "2030-07-01T00:00:00Z") == 20700);
    CHECK(offset("MST7", "2030-07-01T00:00:00Z") == -25200);
}

TEST_CASE("tz rule: the second of the change, north of the equator") {
    const std::string_view berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
    CHECK(offset(berlin, "2040-03-25T00:59:59Z") == 3600);
    CHECK(offset(berlin, "2040-03-25T01:00:00Z") == 7200);
    CHECK(offset(berlin, "2040-10-28T00:59:59Z") == 7200);
    CHECK(offset(berlin, "2040-10-28T01:00:00Z") == 3600);
    CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2040-03-11T06:59:59Z") == -18000);
    CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2040-03-11T07:00:00Z") == -14400);
}

TEST_CASE("tz rule: south of the equator, summer goes over the year's end") {
    const std::string_view sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
    CHECK(offset(sydney, "2039-12-31T23:59:59Z") == 39600);
    CHECK(offset(sydney, "2040-01-01T00:00:00Z") == 39600);
    CHECK(offset(sydney, "2040-03-31T15:59:59Z") == 39600);
    CHECK(offset(sydney, "2040-03-31T16:00:00Z") == 36000);
    CHECK(offset(sydney, "2040-10-06T16:00:00Z") == 39600);
}

TEST_CASE("tz rule: odd ones that are in use") {
    // Half an hour of summer time; hours below zero, where the winter is the exception.
    CHECK(offset("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-01-01T00:00:00Z") == 39600);
    CHECK(offset("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-07-01T00:00:00Z") == 37800);
    CHECK(offset("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-01-01T00:00:00Z") == 0);
    CHECK(offset("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-07-01T00:00:00Z") == 3600);
    CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z") == -7200);
    CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z") == -3600);
    CHECK(offset("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-23T23:59:59Z") == 7200);
    CHECK(offset("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z") == 10800);
}

TEST_CASE("tz rule: days of the year, with and without the leap day") {
    CHECK(offset("AAA0BBB,J60/0,J300/0", "2040-02-29T23:59:59Z") == 0);  // day 60 is the first of March
    CHECK(offset("AAA0BBB,J60/0,J300/0", "2040-03-01T00:00:00Z") == 3600);
    CHECK(offset("AAA0BBB,59/0,299/0", "2040-02-28T23:59:59Z") == 0);  // day 59 from 0 is the leap day
    CHECK(offset("AAA0BBB,59/0,299/0", "2040-02-29T00:00:00Z") == 3600);
    CHECK(offset("AAA3BBB,0/0,J365/25", "2040-12-31T23:00:00Z") == -7200);  // summer all year
}

TEST_CASE("tz rule: what is none") {
    for (const auto* text : {"",
                             "A1",
                             "AAA",
                             "AAA25",
                             "AAA0BBB,M13.1.0,M1.1.0",
                             "AAA0BBB,M1.6.0,M1.1.0",
                             "AAA0BBB,M1.1.7,M1.1.0",
                             "AAA0BBB,M1.1.0",
                             "AAA0BBB,J0,J1",
                             "AAA0BBB,J1,J366",
                             "<AAA0",
                             "AAA0BBB,M1.1.0/168,M2.1.0",
                             "AAA0BBB,M1.1.0,M2.1.0x",
                             "AAA1:60",
                             "AAA99999999999"})
        CHECK_FALSE(TzRule::parse(text).has_value());
}
