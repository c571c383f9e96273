#include "forwarder/backends/json_table.hpp"

#include "forwarder/backends/json_text.hpp"
#include "forwarder/backends/registry.hpp"
#include "tests/unit/forwarder/encoded.hpp"

#include <nlohmann/json.hpp>

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace pifleet::forwarder::encoded;

namespace {

const JsonSystem& row_named(std::string_view name) {
    const auto* found = find_json_system(name);
    REQUIRE(found != nullptr);
    return *found;
}

std::string body(Scene& scene, std::string_view name) {
    return scene.body(JsonEncoder(row_named(name)));
}

// A gauge, and a counter 15 s and 2 apart.
std::string usual(std::string_view name) {
    Scene scene;
    scene.add("node_load1", {{"job", "node"}}, 0.42);
    scene.add("a_total", {{"job", "node"}}, 5);
    scene.add("a_total", {{"job", "node"}}, 7, noon + 15'000);
    return body(scene, name);
}

Verdict judged(std::string_view name, unsigned status, std::string body) {
    return JsonEncoder(row_named(name)).judge(answer(status, std::move(body)), 10, {});
}

using Kind = Verdict::Kind;

}  // namespace

TEST_CASE("json: texts are escaped, and what is no UTF-8 is replaced") {
    const auto text = [](std::string_view from) {
        std::string out;
        append_json_text(out, from);
        return out;
    };
    CHECK(text("") == "\"\"");
    CHECK(text("a\"b\\c") == R"("a\"b\\c")");
    CHECK(text("a\nb\x01") == R"("a\u000ab\u0001")");
    CHECK(text("\xc3\xa4\xff!") == "\"\xc3\xa4\xef\xbf\xbd!\"");
}

TEST_CASE("json: a made-up system takes a row") {
    constexpr JsonSystem made_up{.name = "made_up",
                                 .help = "",
                                 .content_type = "text/x-made-up",
                                 .open = "<",
                                 .between = ";",
                                 .close = ">",
                                 .sample = "$key@$decimal=$value[$tags]"};
    const JsonEncoder encoder(made_up);
    Scene scene;
    scene.add("a\"b", {{"x", "1"}, {"y", "2"}}, 1.5);
    scene.add("c", {}, -1e30, 1'000'000'000'007);
    CHECK(scene.body(encoder) == R"(<a\"b@1763812800.123=1.5["x:1","y:2"];c@1000000000.007=-1e+30[]>)");
    CHECK(encoder.content_type() == "text/x-made-up");
    CHECK(encoder.judge(answer(202), 2, {}).kind == Kind::delivered);
    constexpr JsonSystem wrong{.name = "wrong", .help = "", .sample = "$nothing"};
    CHECK_THROWS(JsonEncoder(wrong));
}

TEST_CASE("json: every row is a protocol and its body is JSON") {
    for (const auto& row : json_systems()) {
        CAPTURE(row.name);
        CHECK(find_protocol(row.name) != nullptr);
        Scene scene;
        fill_usual(scene);
        auto text = scene.body(JsonEncoder(row));
        if (row.open.empty()) {  // a document a line
            REQUIRE_FALSE(text.empty());
            for (std::size_t from = 0; from < text.size();) {
                const auto end = std::min(text.find('\n', from), text.size());
                CHECK(nlohmann::json::accept(text.substr(from, end - from)));
                from = end + 1;
            }
        } else {
            CHECK(nlohmann::json::accept(text));
        }
    }
}

TEST_CASE("json: bodies, system by system") {
    CHECK(usual("opentsdb") ==
          R"([{"metric":"node_load1","timestamp":1763812800123,"value":0.42,"tags":{"job":"node"}},)"
          R"({"metric":"a_total","timestamp":1763812800123,"value":5,"tags":{"job":"node"}},)"
          R"({"metric":"a_total","timestamp":1763812815123,"value":7,"tags":{"job":"node"}}])");
    CHECK(
        usual("datadog") ==
        R"({"series":[{"metric":"node_load1","type":3,"points":[{"timestamp":1763812800,"value":0.42}],"tags":["job:node"]},)"
        R"({"metric":"a_total","type":1,"interval":15,"points":[{"timestamp":1763812815,"value":2}],"tags":["job:node"]}]})");
    CHECK(
        usual("signalfx") ==
        R"({"gauge":[{"metric":"node_load1","value":0.42,"timestamp":1763812800123,"dimensions":{"job":"node"}}],)"
        R"("cumulative_counter":[{"metric":"a_total","value":5,"timestamp":1763812800123,"dimensions":{"job":"node"}},)"
        R"({"metric":"a_total","value":7,"timestamp":1763812815123,"dimensions":{"job":"node"}}]})");
    CHECK(usual("splunk_hec")
              .starts_with(
                  "{\"time\":1763812800.123,\"event\":\"metric\",\"fields\":{\"metric_name:node_load1\":0.42,"
                  "\"job\":\"node\"}}\n{"));
    CHECK(
        usual("newrelic_metrics") ==
        R"([{"metrics":[{"name":"node_load1","type":"gauge","value":0.42,"timestamp":1763812800123,"attributes":{"job":"node"}},)"
        R"({"name":"a_total","type":"count","value":2,"timestamp":1763812800123,"interval.ms":15000,"attributes":{"job":"node"}}]}])");
    CHECK(usual("clickhouse")
              .starts_with("{\"timestamp\":1763812800123,\"name\":\"node_load1\",\"labels\":{\"job\":"
                           "\"node\"},\"value\":0.42}\n"));
    CHECK(
        usual("clickhouse_text")
            .starts_with(R"({"timestamp":1763812800123,"name":"node_load1","labels":"{\"job\":\"node\"}",)"));
    CHECK(
        usual("betterstack")
            .starts_with(
                R"({"dt":1763812800123,"name":"node_load1","gauge":{"value":0.42},"tags":{"job":"node"}})"));
    CHECK(usual("tinybird").ends_with("\"value\":7}\n"));
}

TEST_CASE("json: one kind alone has one list") {
    Scene scene;
    scene.add("a_total", {}, 5);
    CHECK(
        body(scene, "signalfx") ==
        R"({"cumulative_counter":[{"metric":"a_total","value":5,"timestamp":1763812800123,"dimensions":{}}]})");
}

TEST_CASE("json: an id is that of the series and the time") {
    const auto ids = [](const std::string& text) {
        std::vector<std::string> found;
        for (auto at = text.find("\"_id\":\""); at != std::string::npos; at = text.find("\"_id\":\"", at + 1))
            found.push_back(text.substr(at + 7, 32));
        return found;
    };
    const auto once = ids(usual("elasticsearch")), again = ids(usual("elasticsearch"));
    REQUIRE(once.size() == 3);
    CHECK(once == again);
    CHECK(once[0].substr(0, 16) != once[1].substr(0, 16));
    CHECK(once[1].substr(0, 16) == once[2].substr(0, 16));
    CHECK(once[1] != once[2]);
}

TEST_CASE("json: series with too few or too many labels are left out") {
    Scene scene;
    Scene::Labels many;
    for (char c = 'a'; c <= 'i'; ++c) many.emplace_back(std::string(1, c), "1");
    scene.add("many", many, 1);
    many.pop_back();
    scene.add("eight", many, 1);
    scene.add("none", {}, 1);
    CHECK(scene.leave_out(JsonEncoder(row_named("opentsdb")))[LeftOut::unsupported] == 2);
    REQUIRE(scene.batch.size() == 1);
}

TEST_CASE("json: names are made legal") {
    const auto sent = [](std::string_view name, const std::string& metric, Scene::Labels labels) {
        Scene scene;
        scene.add(metric, labels, 1);
        return body(scene, name);
    };
    const auto has = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(has(sent("opentsdb", "a:b", {{"x", "C:\\ \xc3\xa4"}}), R"("metric":"a_b")"));
    CHECK(has(sent("opentsdb", "a:b", {{"x", "C:\\ \xc3\xa4"}}), R"("tags":{"x":"C____"})"));
    CHECK(has(sent("datadog", "_a:b", {{"_x", "1,2"}}), R"("metric":"x_a_b")"));
    CHECK(has(sent("datadog", "_a:b", {{"_x", "1,2"}}), R"("tags":["x_x:1_2"])"));
    CHECK(has(sent("signalfx", "a", {{"sf_x", "1"}}), R"({"x_sf_x":"1"})"));
    CHECK(has(sent("splunk_hec", "a", {{"_x", "1"}}), R"("x_x":"1")"));
    CHECK(has(sent("newrelic_metrics", "a", {{"x y", "1"}}), R"({"x_y":"1"})"));
    CHECK(has(sent("newrelic_metrics", "a", {{"x", std::string(5000, 'v')}}), std::string(4096, 'v') + "\""));
}

TEST_CASE("json: bodies stay what they were") {
    for (const auto& row : json_systems()) {
        CAPTURE(row.name);
        Scene scene;
        fill_usual(scene);
        const auto text = scene.body(JsonEncoder(row)) + "\n";
        CHECK(text == golden("json_" + std::string(row.name) + ".txt", text));
    }
}

TEST_CASE("json: what OpenTSDB says of single points") {
    const auto partial = judged(
        "opentsdb", 400, R"({"success":7,"failed":3,"errors":[{"datapoint":{},"error":"Too many tags"}]})");
    CHECK(partial.kind == Kind::dropped);
    CHECK(partial.written == 7);
    CHECK(partial.reason == "3 samples refused: Too many tags");
    CHECK(judged("opentsdb", 400, R"({"success":0,"failed":-3})").kind == Kind::refused);
    CHECK(judged("opentsdb", 400, R"({"error":{"code":400}})").kind == Kind::refused);
    CHECK(judged("opentsdb", 500, "database not found: x").kind == Kind::denied);
    CHECK(judged("opentsdb", 204, "").kind == Kind::delivered);
}

TEST_CASE("json: what Elasticsearch says of single documents") {
    const auto items = [](std::initializer_list<int> statuses) {
        auto list = nlohmann::json::array();
        for (const auto status : statuses)
            list.push_back({{"create", {{"status", status}, {"error", {{"reason", "why"}}}}}});
        return nlohmann::json{{"errors", true}, {"items", list}}.dump();
    };
    CHECK(judged("elasticsearch", 200, R"({"errors":false,"items":[]})").kind == Kind::delivered);
    const auto there = judged("elasticsearch", 200, items({201, 409, 409}));
    CHECK(there.kind == Kind::delivered);
    const auto bad = judged("elasticsearch", 200, items({201, 400, 409}));
    CHECK(bad.kind == Kind::dropped);
    CHECK(bad.written == 9);
    CHECK(bad.reason == "1 samples refused: why");
    CHECK(judged("elasticsearch", 200, items({201, 429, 400})).kind == Kind::retry);
    CHECK(judged("elasticsearch", 200, items({404, 404})).kind == Kind::denied);
    for (const char* garbage :
         {"", "[]", R"({"errors":true})", R"({"errors":true,"items":[1,{}]})", "{\"errors\":true"})
        CHECK(judged("elasticsearch", 200, garbage).kind == Kind::delivered);
    CHECK(judged("elasticsearch", 429, "").kind == Kind::retry);
}

TEST_CASE("json: what the others say") {
    CHECK(judged("clickhouse", 500, "Code: 27, e.displayText() = DB::Exception").kind == Kind::refused);
    CHECK(judged("clickhouse", 400, "Code: 117. DB::Exception").kind == Kind::refused);
    CHECK(judged("clickhouse", 404, "Code: 60. DB::Exception: Table does not exist").kind == Kind::denied);
    CHECK(judged("clickhouse", 500, "Code: 241. Memory limit exceeded").kind == Kind::retry);
    CHECK(judged("tinybird", 200, R"({"successful_rows":8,"quarantined_rows":2})").written == 8);
    CHECK(judged("tinybird", 202, R"({"successful_rows":10,"quarantined_rows":0})").kind == Kind::delivered);
    CHECK(judged("tinybird", 404, "").kind == Kind::denied);
    CHECK(judged("splunk_hec", 400, R"({"text":"Incorrect index","code":7})").kind == Kind::denied);
    CHECK(judged("splunk_hec", 400, R"({"code":6,"invalid-event-number":1})").kind == Kind::refused);
    CHECK(judged("betterstack", 406, "").kind == Kind::refused);
    CHECK(judged("datadog", 202, R"({"errors":[]})").kind == Kind::delivered);
    CHECK(judged("datadog", 408, "").kind == Kind::retry);
}
