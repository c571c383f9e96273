#include "forwarder/status/api.hpp"

#include "forwarder/status/selector.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace pifleet;
using namespace pifleet::forwarder::status;
using nlohmann::json;

namespace {

http::Request request(const std::string& target) {
    http::Request out;
    out.target = target;
    return out;
}

json data(const http::Response& response) {
    REQUIRE(response.status == 200);
    auto whole = json::parse(response.body);
    REQUIRE(whole["status"] == "success");
    return whole["data"];
}

std::string error(const http::Response& response) {
    REQUIRE(response.status == 400);
    const auto whole = json::parse(response.body);
    REQUIRE(whole["status"] == "error");
    REQUIRE(whole["errorType"] == "bad_data");
    return whole["error"];
}

Snapshot house() {
    Snapshot snapshot;
    snapshot.host = "pi";
    snapshot.pools = {{"node", 0}, {"cut", 7}};
    TargetRow row;
    row.pool = "node";
    row.url = "http://localhost:9100/metrics";
    row.labels = {{"instance", "localhost:9100"}, {"job", "other"}};
    row.discovered = {{"__address__", "localhost:9100"}, {"job", "node"}};
    row.health = "up";
    row.time_ms = 1'700'000'000'045;
    row.seconds = 0.25;
    row.interval_ms = 90'000;
    row.timeout_ms = 10'000;
    snapshot.targets.push_back(row);
    row.url = "http://localhostile:9100/metrics";
    row.health = "down";
    row.error = "bytes \xff";
    row.time_ms = 0;
    snapshot.targets.push_back(row);
    snapshot.dropped_targets = {{"cut", {{"__address__", "h:1"}}}};
    return snapshot;
}

std::vector<TargetFamilies> families() {
    return {{{{"instance", "a:1"}, {"job", "x"}}, {{"up_seconds", "Time.", "seconds", "gauge"}}},
            {{{"instance", "b:1"}, {"job", "y"}},
             {{"up_seconds", "Time.", "seconds", "gauge"}, {"z_total", "Zs.", "", "counter"}}}};
}

Result<bool> selected(std::string_view text) {
    auto selector = Selector::parse(text);
    if (!selector) return selector.error();
    return selector->matches({{"a", "b"}, {"job", "one\ntwo"}});
}

}  // namespace

TEST_CASE("api: a target in Prometheus's words") {
    const auto all = data(api::targets(request("/api/v1/targets"), house()));
    const auto expected = json::parse(R"({
        "discoveredLabels": {"__address__": "localhost:9100", "job": "node"},
        "labels": {"instance": "localhost:9100", "job": "other"},
        "scrapePool": "node", "scrapeUrl": "http://localhost:9100/metrics", "globalUrl": "http://pi:9100/metrics",
        "lastError": "", "lastScrape": "2023-11-14T22:13:20.045Z", "lastScrapeDuration": 0.25, "health": "up",
        "scrapeInterval": "1m30s", "scrapeTimeout": "10s"})");
    REQUIRE(all["activeTargets"].size() == 2);
    CHECK(all["activeTargets"][0] == expected);
    CHECK(all["activeTargets"][1]["globalUrl"] == "http://localhostile:9100/metrics");
    CHECK(all["activeTargets"][1]["lastScrape"] == "0001-01-01T00:00:00Z");
    CHECK(all["activeTargets"][1]["lastError"] == "bytes \xef\xbf\xbd");
    CHECK(all["droppedTargets"] ==
          json::parse(R"([{"discoveredLabels": {"__address__": "h:1"}, "scrapePool": "cut"}])"));
    CHECK(all["droppedTargetCounts"] == json::parse(R"({"node": 0, "cut": 7})"));
}

TEST_CASE("api: targets by state and pool") {
    const auto asked = [](const std::string& query) {
        const auto found = data(api::targets(request("/api/v1/targets?" + query), house()));
        return std::to_string(found["activeTargets"].size()) + " " +
               std::to_string(found["droppedTargets"].size()) +
               (found["droppedTargetCounts"].is_null() ? " uncounted" : "");
    };
    CHECK(asked("state=any") == "2 1");
    CHECK(asked("state=Active") == "2 0 uncounted");
    CHECK(asked("state=dropped") == "0 1");
    CHECK(asked("state=other") == "0 0 uncounted");
    CHECK(asked("scrapePool=node") == "2 0");
    CHECK(asked("scrapePool=cut&state=any") == "0 1");
    CHECK(asked("scrapePool=none") == "0 0");
    CHECK(data(api::scrape_pools(house())) == json::parse(R"({"scrapePools": ["cut", "node"]})"));
}

TEST_CASE("api: metadata by target") {
    const auto asked = [](const std::string& query) {
        return api::targets_metadata(request("/api/v1/targets/metadata?" + query), families());
    };
    CHECK(data(asked("")).size() == 3);
    CHECK(data(asked("limit=1")).size() == 1);
    CHECK(data(asked("limit=-1")).size() == 3);
    CHECK(data(asked("limit=0")).empty());
    CHECK(data(asked("metric=none")).empty());
    CHECK(
        data(asked("match_target=%7Bjob%3D%22y%22%7D&metric=z_total")) ==
        json::parse(
            R"([{"target": {"instance": "b:1", "job": "y"}, "type": "counter", "help": "Zs.", "unit": ""}])"));
    CHECK(data(asked("match_target=%7Bjob=~%22x%7Cz%22%7D"))[0]["metric"] == "up_seconds");
    CHECK(error(asked("limit=x")) == "limit must be a number");
    CHECK_THAT(error(asked("match_target=%7B")),
               Catch::Matchers::StartsWith("invalid parameter \"match_target\""));
}

TEST_CASE("api: metadata by family") {
    const auto asked = [](const std::string& query) {
        return api::metadata(request("/api/v1/metadata?" + query), families());
    };
    CHECK(data(asked("")) ==
          json::parse(R"({"up_seconds": [{"type": "gauge", "unit": "seconds", "help": "Time."}],
                                             "z_total": [{"type": "counter", "unit": "", "help": "Zs."}]})"));
    CHECK(data(asked("limit=1")).size() == 1);
    CHECK(data(asked("metric=z_total")).size() == 1);
    CHECK(data(asked("metric=none")) == json::object());
    CHECK(error(asked("limit=1.5")) == "limit must be a number");
    CHECK(error(asked("limit_per_metric=x")) == "limit_per_metric must be a number");
}

TEST_CASE("api: the configuration and the build") {
    CHECK(data(api::config("a: <secret>\n")) == json::parse(R"({"yaml": "a: <secret>\n"})"));
    const auto build = data(api::build_info());
    for (const auto* key : {"version", "revision", "branch", "buildUser", "buildDate", "goVersion"})
        CHECK(build[key].is_string());
    CHECK(build["version"] != "");
}

TEST_CASE("api: selectors") {
    for (const auto* yes : {"{a=\"b\"}",
                            " { a = 'b' , } ",
                            "{a=~`b|c`,none!=\"x\"}",
                            "{\"a\"=\"b\",none=\"\"}",
                            "{a!~\"bb\",job=\"one\\ntwo\"}",
                            "{job=~\"one.two\",a!=\"c\"}"}) {
        INFO(yes);
        const auto found = selected(yes);
        REQUIRE(found);
        CHECK(*found);
    }
    for (const auto* no : {"{a=\"c\"}",
                           "{a=~\"B\"}",
                           "up",
                           "up{a=\"b\"}",
                           "{\"my.name\",a=\"b\"}",
                           "{a=\"b\",none=\"x\"}",
                           "{a!=\"b\",job!=\"\"}",
                           "{a=~\".\",job=~\"one\"}"}) {
        INFO(no);
        const auto found = selected(no);
        REQUIRE(found);
        CHECK_FALSE(*found);
    }
    for (const auto* wrong : {"",

                              "{",
                              "x{",
                              "{a}",
                              "{a=b}",
                              "{a=\"b}",
                              "{a=\"\\q\"}",
                              "{a=\"b\" c=\"d\"}",
                              "{a=\"b\"}x",
                              "{a=~\"(\"}",
                              "{=\"b\"}",
                              "{a=",
                              "{a=\"\\"}) {
        INFO(wrong);
        CHECK_FALSE(selected(wrong));
    }
}
