// Schedules against times that were worked out by hand from a calendar; those of clock changes are what the
// controller's library documents in its own tests.
#include "exporters/k8s_state/resources/cron.hpp"

#include "exporters/k8s_state/resources/common.hpp"
#include "exporters/k8s_state/resources/time_zone.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace pifleet::k8s;

namespace {

std::int64_t at(std::string_view time) {
    const auto seconds = unix_seconds(time);
    REQUIRE(seconds);
    return static_cast<std::int64_t>(*seconds);
}

// "": never.
void check(std::string_view from,
           std::string_view text,
           std::string_view expected,
           std::string_view zone = "UTC") {
    INFO(text << " from " << from);
    const auto schedule = Schedule::parse(text);
    REQUIRE(schedule.has_value());
    const auto place = TimeZone::load(schedule->zone().value_or(std::string(zone)));
    REQUIRE(place.has_value());
    const auto next = schedule->next(at(from), *place);
    CHECK(next.value_or(-1) == (expected.empty() ? -1 : at(expected)));
}

void check_error(std::string_view text) {
    INFO(text);
    CHECK(Schedule::parse(text).has_error());
}

}  // namespace

TEST_CASE("cron: minutes and hours") {
    check("2012-07-09T14:45:00Z", "0/15 * * * *", "2012-07-09T15:00:00Z");
    check("2012-07-09T14:59:59Z", "0/15 * * * *", "2012-07-09T15:00:00Z");
    check("2012-07-09T15:00:00Z", "* * * * *", "2012-07-09T15:01:00Z");
    check("2012-07-09T15:45:00Z", "20-35/15 * * * *", "2012-07-09T16:20:00Z");
    check("2012-07-09T23:46:00Z", "*/15 * * * *", "2012-07-10T00:00:00Z");
    check("2012-07-09T23:35:51Z", "20-35/15 1/2 * * *", "2012-07-10T01:20:00Z");
    check("2012-07-09T23:35:51Z", "20-35/15 10-12 * * *", "2012-07-10T10:20:00Z");
    check("2012-12-31T23:59:45Z", "* * * * *", "2013-01-01T00:00:00Z");
    check("2026-11-22T07:05:00Z", "0,5,50 7 * * *", "2026-11-22T07:50:00Z");
    check("2026-11-22T07:05:00Z", "*/60 * * * *", "2026-11-22T08:00:00Z");
    check("2026-11-22T07:05:00Z", "7/100 * * * *", "2026-11-22T07:07:00Z");
}

TEST_CASE("cron: months by number and by name") {
    check("2012-07-09T23:35:00Z", "0 0 9 Apr-Oct ?", "2012-08-09T00:00:00Z");
    check("2012-07-09T23:35:00Z", "0 0 * FEB Mon", "2013-02-04T00:00:00Z");
    check("2012-07-09T23:35:00Z", "0 0 * 2 mon/2", "2013-02-01T00:00:00Z");  // Monday, Wednesday, Friday
    check("2026-11-18T00:00:00Z", "0 12 */2 JAN-MAR,dec *", "2026-12-01T12:00:00Z");
}

TEST_CASE("cron: either day counts when both are restricted, both when one is a star") {
    check("2026-11-18T00:05:00Z", "5 0 1,15 * 3", "2026-11-25T00:05:00Z");
    check("2026-11-25T00:05:00Z", "5 0 1,15 * 3", "2026-12-01T00:05:00Z");
    check("2026-11-22T00:00:00Z", "0 0 13 * *", "2026-12-13T00:00:00Z");
    check("2026-11-22T00:00:00Z", "0 0 ? * FRI", "2026-11-27T00:00:00Z");
    check("2026-11-22T00:00:00Z", "0 0 */1 * FRI", "2026-11-27T00:00:00Z");
    // A step makes a star a restriction.
    check("2026-11-22T00:00:00Z", "0 0 */10 * FRI", "2026-11-27T00:00:00Z");
    check("2026-11-27T00:00:00Z", "0 0 */10 * FRI", "2026-12-01T00:00:00Z");
}

TEST_CASE("cron: days that are rare or never") {
    check("2012-07-09T23:35:00Z", "0 0 29 Feb ?", "2016-02-29T00:00:00Z");
    check("2096-03-01T00:00:00Z", "0 0 29 2 *", "");  // 2100 is no leap year, 2104 is too far
    check("2099-01-01T00:00:00Z", "0 0 29 2 *", "2104-02-29T00:00:00Z");
    check("2012-07-09T23:35:00Z", "0 0 30 Feb ?", "");
    check("2012-07-09T23:35:00Z", "0 0 31 4,6,9,11 *", "");
    check("2012-07-09T23:35:00Z", "0 0 30 Feb Mon", "2013-02-04T00:00:00Z");
    check("2026-01-31T12:00:00Z", "0 12 31 * *", "2026-03-31T12:00:00Z");
    check("2012-07-09T23:35:00Z", ", * * * *", "");  // no value at all, which is allowed
}

TEST_CASE("cron: words") {
    check("2026-11-22T07:05:00Z", "@hourly", "2026-11-22T08:00:00Z");
    check("2026-11-22T07:05:00Z", "@daily", "2026-11-23T00:00:00Z");
    check("2026-11-22T07:05:00Z", "@midnight", "2026-11-23T00:00:00Z");
    check("2026-11-22T07:05:00Z", "@weekly", "2026-11-29T00:00:00Z");
    check("2026-11-22T07:05:00Z", "@monthly", "2026-12-01T00:00:00Z");
    check("2026-11-22T07:05:00Z", "@yearly", "2027-01-01T00:00:00Z");
    check("2026-11-22T07:05:00Z", "@annually", "2027-01-01T00:00:00Z");
    check("2026-11-22T07:05:30Z", "@every 1h30m", "2026-11-22T08:35:30Z");
    check("2026-11-22T07:05:30Z", "@every 1.5h0.5m1500ms", "2026-11-22T08:36:01Z");
    check("2026-11-22T07:05:30Z", "@every 10ms", "2026-11-22T07:05:31Z");
    check("2026-11-22T07:05:30Z", "@every -1h", "2026-11-22T07:05:31Z");
    check("2026-11-22T07:05:30Z", "@every 0", "2026-11-22T07:05:31Z");
}

TEST_CASE("cron: time zones, from the text and from outside") {
    check("2026-11-15T03:30:00Z", "30 4 * * SUN", "2026-11-22T03:30:00Z", "Europe/Berlin");
    check("2026-11-22T00:00:00Z", "TZ=Asia/Tokyo 0 9 * * *", "2026-11-23T00:00:00Z");
    check("2026-11-22T00:00:00Z", "CRON_TZ=Asia/Kathmandu   0 6 * * * ", "2026-11-22T00:15:00Z");
    check("2026-11-22T00:00:00Z", "CRON_TZ=America/New_York @daily", "2026-11-22T05:00:00Z");
    check("2026-11-22T00:00:00Z", "TZ= 0 6 * * *", "2026-11-22T06:00:00Z");
}

TEST_CASE("cron: a clock that goes forward") {
    // Half past two does not exist on the 11th of March 2012: the next one is a year later, or a day.
    check("2012-03-11T00:00:00-05:00", "30 2 11 Mar ?", "2013-03-11T02:30:00-04:00", "America/New_York");
    check("2012-03-10T02:30:00-05:00", "30 2 * * *", "2012-03-12T02:30:00-04:00", "America/New_York");
    check("2012-03-11T01:59:00-05:00", "* * * * *", "2012-03-11T03:00:00-04:00", "America/New_York");
    check("2012-03-11T01:00:00-05:00", "0 * * * *", "2012-03-11T03:00:00-04:00", "America/New_York");
    check("2012-03-11T00:00:00-05:00", "0 3 * * *", "2012-03-11T03:00:00-04:00", "America/New_York");
    check("2026-03-28T12:00:00+01:00", "0 2-3 * * *", "2026-03-29T03:00:00+02:00", "Europe/Berlin");
}

TEST_CASE("cron: a clock that goes back shows an hour twice") {
    check("2012-11-04T00:00:00-04:00", "30 2 04 Nov ?", "2012-11-04T02:30:00-05:00", "America/New_York");
    check("2012-11-04T01:45:00-04:00", "30 1 04 Nov ?", "2012-11-04T01:30:00-05:00", "America/New_York");
    check("2012-11-04T00:30:00-04:00", "30 1 * * *", "2012-11-04T01:30:00-04:00", "America/New_York");
    check("2012-11-04T01:30:00-05:00", "30 1 * * *", "2012-11-05T01:30:00-05:00", "America/New_York");
    check("2012-11-04T01:00:00-04:00", "0 * * * *", "2012-11-04T01:00:00-05:00", "America/New_York");
    check("2012-11-04T01:00:00-05:00", "0 * * * *", "2012-11-04T02:00:00-05:00", "America/New_York");
}

TEST_CASE("cron: midnight that does not exist") {
    // São Paulo, 2018-11-04: the day begins at one.
    check("2018-11-03T12:00:00-03:00", "0 5 4 11 *", "2018-11-04T05:00:00-02:00", "America/Sao_Paulo");
    check("2018-11-03T12:00:00-03:00", "0 0 * * *", "2018-11-05T00:00:00-02:00", "America/Sao_Paulo");
    // Beirut, 2024-03-31: east of Greenwich the controller's library passes over such a day when it looks
    // for a day; every day is found by the hour.
    check("2024-03-30T12:00:00+02:00", "0 5 * * *", "2024-03-31T05:00:00+03:00", "Asia/Beirut");
    check("2024-03-25T12:00:00+02:00", "0 5 * * SUN", "2024-04-07T05:00:00+03:00", "Asia/Beirut");
}

TEST_CASE("cron: blanks, signs and stars that the controller takes") {
    check("2026-11-22T07:05:00Z", "\t 0\n8 *  * * ", "2026-11-22T08:00:00Z");
    check("2026-11-22T07:05:00Z", "+5 08 * * *", "2026-11-22T08:05:00Z");
    check("2026-11-22T07:05:00Z", "*-7 * * * *", "2026-11-22T07:06:00Z");
    check("2026-11-22T07:05:00Z", "? ? ? ? ?", "2026-11-22T07:06:00Z");
    check("2026-11-22T07:05:00Z", "0,,30, * * * *", "2026-11-22T07:30:00Z");
}

TEST_CASE("cron: what is none") {
    for (const auto* text : {"",
                             " ",
                             "* * * *",
                             "* * * * * *",
                             "60 * * * *",
                             "* 24 * * *",
                             "* * 0 * *",
                             "* * 32 * *",
                             "* * * 0 *",
                             "* * * 13 *",
                             "* * * * 7",
                             "* * * * -1",
                             "*/0 * * * *",
                             "*/-1 * * * *",
                             "* * * * mo",
                             "5-1 * * * *",
                             "1-2-3 * * * *",
                             "1/2/3 * * * *",
                             "1.5 * * * *",
                             "* * * * FRI-MON",
                             "*/x * * * *",
                             "- * * * *",
                             "99999999999999999999 * * * *",
                             "@Hourly",
                             "@every",
                             "@every ",
                             "@every 1",
                             "@every h",
                             "@every 1x",
                             "@every 1h ",
                             "@every 1..5h",
                             "@every 9999999999h",
                             "@reboot",
                             "TZ=UTC",
                             "TZ=UTC ",
                             "tz=UTC * * * * *",
                             "jan * * * *",
                             "\xff * * * *"})
        check_error(text);
}

TEST_CASE("cron: steps that leave one value of a range") {
    const auto idle = [](std::string_view text) { return Schedule::parse(text)->has_idle_step(); };
    CHECK(idle("*/60 * * * *"));
    CHECK(idle("1-4/4 * * * *"));
    CHECK(idle("* * * * 6/2"));
    CHECK_FALSE(idle("*/59 * * * *"));
    CHECK_FALSE(idle("1-4/3 * * * *"));
    CHECK_FALSE(idle("5/1 5 5 5 5"));
    CHECK_FALSE(idle("59/1 * * * *"));
}
