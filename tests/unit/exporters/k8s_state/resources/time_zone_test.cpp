// Zones of the system's database against dates that are history, and files that are broken.
#include "exporters/k8s_state/resources/time_zone.hpp"

#include "common/base/files.hpp"
#include "exporters/k8s_state/resources/common.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <string>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

std::int64_t offset(std::string_view zone, std::string_view time) {
    const auto loaded = TimeZone::load(zone);
    REQUIRE(loaded.has_value());
    return loaded->offset(static_cast<std::int64_t>(*unix_seconds(time)));
}

std::string big(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

// A file of the first version: changes to an hour east and back.
std::string small_file() {
    std::string file = "TZif" + std::string(16, '\0');
    for (const auto count : {0, 0, 0, 2, 2, 4}) file += big(static_cast<std::uint64_t>(count), 4);
    file += big(1000, 4) + big(2000, 4) + std::string("\1\0", 2);
    file +=
        big(0, 4) + std::string("\0\0", 2) + big(3600, 4) + std::string("\1\0", 2) + std::string("UTC\0", 4);
    return file;
}

}  // namespace

TEST_CASE("time zone: from the table of changes") {
    CHECK(offset("America/New_York", "2012-03-11T06:59:59Z") == -18000);
    CHECK(offset("America/New_York", "2012-03-11T07:00:00Z") == -14400);
    CHECK(offset("America/New_York", "2012-11-04T05:59:59Z") == -14400);
    CHECK(offset("America/New_York", "2012-11-04T06:00:00Z") == -18000);
    CHECK(offset("Europe/Berlin", "1945-06-01T00:00:00Z") == 10800);
    CHECK(offset("Asia/Kathmandu", "2020-01-01T00:00:00Z") == 20700);
    CHECK(offset("America/Sao_Paulo", "2018-11-04T03:00:00Z") == -7200);
    CHECK(offset("America/Sao_Paulo", "2025-01-01T00:00:00Z") == -10800);
}

TEST_CASE("time zone: from the rule behind the table") {
    CHECK(offset("Europe/Berlin", "2090-03-26T00:59:59Z") == 3600);
    CHECK(offset("Europe/Berlin", "2090-03-26T01:00:00Z") == 7200);
    CHECK(offset("Australia/Sydney", "2090-01-01T00:00:00Z") == 39600);
}

TEST_CASE("time zone: names that are none, or would leave the database") {
    CHECK(offset("UTC", "2020-01-01T00:00:00Z") == 0);
    CHECK(offset("", "2020-01-01T00:00:00Z") == 0);
    for (const auto* name :
         {"Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "tzdata.zi", "Europe\\Berlin"})
        CHECK(TimeZone::load(name).has_error());
    CHECK(TimeZone::load(std::string_view("UTC\0x", 5)).has_error());
    CHECK(TimeZone::load("Europe/Berlin", "/nowhere").has_error());
    CHECK(TimeZone::database_exists());
}

TEST_CASE("time zone: that of the process") {
    const auto local_at_zero = [](const char* variable) {
        setenv("TZ", variable, 1);
        return TimeZone::local().offset(0);
    };
    CHECK(local_at_zero("Asia/Tokyo") == 32400);
    CHECK(local_at_zero(":Asia/Tokyo") == 32400);
    CHECK(local_at_zero("/usr/share/zoneinfo/Asia/Tokyo") == 32400);
    CHECK(local_at_zero("Mars/Olympus") == 0);
    CHECK(local_at_zero("") == 0);
    setenv("TZ", "UTC", 1);
}

TEST_CASE("time zone: a file made by hand, whole and cut at every byte") {
    const auto file = small_file();
    const auto zone = TimeZone::parse(file);
    REQUIRE(zone.has_value());
    CHECK(zone->offset(999) == 0);
    CHECK(zone->offset(1000) == 3600);
    CHECK(zone->offset(2000) == 0);
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK(TimeZone::parse(file.substr(0, size)).has_error());
}

TEST_CASE("time zone: files that lie") {
    auto backwards = small_file();
    backwards.replace(44, 8, big(2000, 4) + big(1000, 4));
    CHECK(TimeZone::parse(backwards).has_error());
    auto no_such_kind = small_file();
    no_such_kind[52] = '\7';
    CHECK(TimeZone::parse(no_such_kind).has_error());
    auto far_east = small_file();
    far_east.replace(60, 4, big(200'000, 4));
    CHECK(TimeZone::parse(far_east).has_error());
    auto huge = small_file();
    huge.replace(32, 4, "\xff\xff\xff\xff");
    CHECK(TimeZone::parse(huge).has_error());
    auto bad_rule = read_file("/usr/share/zoneinfo/Europe/Berlin");
    REQUIRE(bad_rule);
    bad_rule->replace(bad_rule->rfind("CET"), 3, "1.1");
    CHECK(TimeZone::parse(*bad_rule).has_error());
}
