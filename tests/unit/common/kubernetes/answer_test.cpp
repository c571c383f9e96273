#include "common/kubernetes/answer.hpp"

#include "api_server.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace pifleet::kubernetes;
using namespace pifleet::kubernetes::test;
using Json = nlohmann::json;
using Do = Plan::Do;

namespace {

const std::filesystem::path captures = PIFLEET_SOURCE_DIR "/tests/conformance/k8s/captures";

std::string capture(const std::string& name) {
    std::ifstream file(captures / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// What a cluster would have told, given to a plan by hand.
struct Replay {
    explicit Replay(bool table = false) {
        options.path = "/api/v1/things";
        options.as_table = table;
        plan.emplace(options, 1, watch_list);
        sink = &model;
    }
    void answer(Do expected,
                unsigned status,
                const std::string& body,
                const std::string& type = "application/json") {
        const auto step = plan->next(Plan::Clock::now());
        REQUIRE(step.what == expected);
        Answer one(step, options, "a file", *plan, sink);
        pifleet::http::ResponseHead head;
        head.status = status;
        head.headers = {{"Content-Type", type}};
        pifleet::Result<void> good = one.on_head(head);
        for (std::size_t at = 0; good && at < body.size(); at += 100)
            good = one.on_body(body.substr(at, 100));
        const auto error = good.error();
        one.finish(good ? nullptr : &error, Plan::Clock::now());
    }
    WatcherOptions options;
    bool watch_list = false;
    std::optional<Plan> plan;
    Model model;
    ObjectSink* sink = nullptr;
};

std::string name_of(const Json& object) {
    const auto& metadata = object.contains("cells") ? object["object"]["metadata"] : object["metadata"];
    const auto ns = metadata.value("namespace", "");
    return (ns.empty() ? "" : ns + '/') + metadata.value("name", "");
}

// The same by another JSON library.
std::map<std::string, std::string> expected_versions(const std::string& list, const std::string& watch) {
    std::map<std::string, std::string> out;
    const auto take = [&](const Json& object) {
        const auto& of = object.contains("cells") ? object["object"] : object;
        out[name_of(object)] = of["metadata"]["resourceVersion"];
    };
    const auto parsed = Json::parse(list);
    for (const auto& item : parsed.contains("rows") ? parsed["rows"] : parsed["items"]) take(item);
    std::stringstream lines(watch);
    for (std::string line; std::getline(lines, line);) {
        const auto event = Json::parse(line);
        const auto& object = event["object"].contains("rows") ? event["object"]["rows"][0] : event["object"];
        if (event["type"] == "DELETED")
            out.erase(name_of(object));
        else if (event["type"] != "BOOKMARK")
            take(object);
    }
    return out;
}

}  // namespace

TEST_CASE("what a real server told leaves what a real server had", "[kubernetes][answer]") {
    int resources = 0;
    for (const auto& entry : std::filesystem::directory_iterator(captures)) {
        const auto file = entry.path().filename().string();
        const bool table = file.starts_with("table-list-");
        if (!file.ends_with(".json") || (!file.starts_with("list-") && !table) ||
            file == "list-rv0-pods.json")
            continue;
        const auto stem = file.substr(0, file.size() - 5);
        const auto plural = stem.substr(stem.rfind('-') + 1);
        const auto list = capture(file),
                   watch = capture((table ? "table-watch-" : "watch-") + plural + ".jsonl");
        INFO(file);
        Replay replay(table);
        replay.answer(Do::list, 200, list);
        REQUIRE(replay.plan->status().listed);
        replay.answer(Do::watch, 200, watch);
        std::map<std::string, std::string> versions;
        for (const auto& [name, text] : replay.model.objects) {
            const auto json = Json::parse(text);
            const auto& of = json.contains("cells") ? json["object"] : json;
            versions[name] = of["metadata"]["resourceVersion"];
        }
        CHECK(versions == expected_versions(list, watch));
        CHECK(replay.plan->status().skipped == 0);
        ++resources;
    }
    CHECK(resources == 40);
}

TEST_CASE("pages, expired versions and refusals as a real server words them", "[kubernetes][answer]") {
    Replay replay;
    replay.answer(Do::list, 200, capture("page1-pods.json"));
    CHECK_FALSE(replay.plan->status().listed);
    SECTION("the token has expired: from the beginning") {
        replay.answer(Do::list, 410, capture("err-410-continue.json"));
        CHECK(replay.plan->status().expired == 1);
        const auto step = replay.plan->next(Plan::Clock::now());
        CHECK(step.begins_list);
    }
    SECTION("no longer allowed") {
        replay.answer(Do::list, 403, capture("err-403.json"));
        CHECK(replay.plan->status().state == WatcherStatus::State::forbidden);
        CHECK(replay.plan->status().error.find("Forbidden: pods is forbidden: User \"nobody\"") !=
              std::string::npos);
    }
    SECTION("no such group") {
        replay.answer(Do::list, 404, capture("err-404-group.txt"), "text/plain; charset=utf-8");
        CHECK(replay.plan->status().state == WatcherStatus::State::missing);
        CHECK(replay.plan->status().error == "the API server answers 404: 404 page not found");
    }
    SECTION("who are we?") {
        replay.answer(Do::list, 401, capture("err-401.json"));
        CHECK(replay.plan->status().error ==
              "the API server answers 401 Unauthorized: Unauthorized; our credentials come from a file");
    }
}

TEST_CASE("watches of a real server: expired, from the past, in the future", "[kubernetes][answer]") {
    Replay replay;
    replay.answer(Do::list, 200, capture("list-configmaps.json"));
    SECTION("expired") {
        replay.answer(Do::watch, 200, capture("watch-410-configmaps.jsonl"));
        CHECK(replay.plan->status().expired == 1);
        CHECK(replay.plan->next(Plan::Clock::now()).what == Do::list);
    }
    SECTION("130 events") {
        replay.answer(Do::watch, 200, capture("watch-old-rv-configmaps.jsonl"));
        CHECK(replay.plan->status().events == 130);
    }
    SECTION("the future tells nothing") {
        replay.answer(Do::watch, 200, capture("watch-future-rv.jsonl"));
        CHECK(replay.plan->status().state == WatcherStatus::State::waiting);
    }
    SECTION("too large a version") {
        replay.answer(Do::watch, 504, capture("err-504-future-rv.json"));
        const auto wait = replay.plan->next(Plan::Clock::now());
        CHECK(wait.what == Do::wait);
        CHECK(replay.plan->next(Plan::Clock::now() + wait.wait).begins_list);
    }
}

TEST_CASE("a real server's watch-list", "[kubernetes][answer]") {
    Replay replay;
    replay.watch_list = true;
    replay.answer(Do::watch_list, 200, capture("watchlist-configmaps.jsonl"));
    CHECK(replay.plan->status().listed);
    CHECK(replay.model.ended == 1);
    CHECK(replay.model.objects.size() == 4);
    CHECK(
        replay.plan->next(Plan::Clock::now() + std::chrono::seconds(5)).target.find("resourceVersion=577") !=
        std::string::npos);
}
