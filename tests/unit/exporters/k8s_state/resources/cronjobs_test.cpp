// What a schedule, good or bad, does to the samples of its object.
#include "tests/unit/exporters/k8s_state/lines_of.hpp"

#include <cstdlib>

using namespace pifleet::k8s;

namespace {

std::string spec_of(std::string_view spec, std::string_view status = "{}") {
    setenv("TZ", "UTC", 1);
    return lines_of(
        "cronjobs",
        R"({"metadata":{"name":"j","namespace":"n","creationTimestamp":"2026-11-22T00:00:00Z"},"spec":)" +
            std::string(spec) + R"(,"status":)" + std::string(status) + "}");
}

bool has(const std::string& text, std::string_view family, std::string_view value) {
    return text.find("kube_cronjob_" + std::string(family) + "{namespace=\"n\",cronjob=\"j\"} " +
                     std::string(value) + "\n") != std::string::npos;
}

bool lacks(const std::string& text, std::string_view family) {
    return text.find("kube_cronjob_" + std::string(family) + "{") == std::string::npos;
}

}  // namespace

TEST_CASE("k8s cron jobs: the next time counts from the last, else from the creation") {
    CHECK(has(spec_of(R"({"schedule":"0 3 * * *"})"), "next_schedule_time", "1795316400"));
    CHECK(has(spec_of(R"({"schedule":"0 3 * * *"})", R"({"lastScheduleTime":"2026-11-23T03:00:00Z"})"),
              "next_schedule_time",
              "1795489200"));
}

TEST_CASE("k8s cron jobs: the zone of the object, and that of the text before it") {
    CHECK(has(spec_of(R"({"schedule":"0 3 * * *","timeZone":"Europe/Berlin"})"),
              "next_schedule_time",
              "1795312800"));
    CHECK(has(spec_of(R"({"schedule":"CRON_TZ=UTC 0 3 * * *","timeZone":"Europe/Berlin"})"),
              "next_schedule_time",
              "1795316400"));
}

TEST_CASE("k8s cron jobs: suspended, unreadable, of no known zone: no next time, and why") {
    const auto suspended = spec_of(R"({"schedule":"0 3 * * *","suspend":true})");
    CHECK(lacks(suspended, "next_schedule_time"));
    CHECK(lacks(suspended, "schedule_invalid"));
    CHECK(has(suspended, "spec_suspend", "1"));
    for (const auto* spec : {R"({"schedule":"at noon"})",
                             R"({})",
                             R"({"schedule":7})",
                             R"({"schedule":"0 3 * * *","timeZone":"Mars/Olympus"})"}) {
        const auto text = spec_of(spec);
        CHECK(lacks(text, "next_schedule_time"));
        CHECK(has(text, "schedule_invalid", "1"));
        CHECK(has(text, "status_active", "0"));
    }
}

TEST_CASE("k8s cron jobs: a step as long as its range has a next time and is pointed out") {
    const auto text = spec_of(R"({"schedule":"*/60 * * * *"})");
    CHECK(has(text, "next_schedule_time", "1795309200"));
    CHECK(has(text, "schedule_invalid", "1"));
}

TEST_CASE("k8s cron jobs: never is no sample") {
    const auto text = spec_of(R"({"schedule":"0 0 30 2 *"})");
    CHECK(lacks(text, "next_schedule_time"));
    CHECK(lacks(text, "schedule_invalid"));
}
