#include "common/kubernetes/plan.hpp"

#include "tests/catch.hpp"

using namespace pifleet::kubernetes;
using namespace std::chrono_literals;
using Do = Plan::Do;
using State = WatcherStatus::State;
using Kind = Event::Kind;

namespace {

// A plan and its clock.
struct Fixture {
    explicit Fixture(WatcherOptions o = pods(), bool lists_by_watch = false)
        : watch_list(lists_by_watch), plan(std::move(o), 1, watch_list) {}

    static WatcherOptions pods() {
        WatcherOptions out;
        out.path = "/api/v1/pods";
        return out;
    }
    Plan::Step next() { return plan.next(now); }
    Plan::Step request(Do what) {
        const auto step = next();
        REQUIRE(step.what == what);
        return step;
    }
    // How long it waits; the clock is then there.
    std::chrono::milliseconds wait() {
        const auto step = next();
        REQUIRE(step.what == Do::wait);
        now += step.wait;
        return std::chrono::duration_cast<std::chrono::milliseconds>(step.wait);
    }
    // A list of one page, so that a watch comes next.
    void list(const std::string& version = "438") {
        request(Do::list);
        plan.accepted(now);
        REQUIRE(plan.page_ended({version, "", {}}, 10, 10'000, now));
    }
    void refuse(unsigned status, const std::string& reason = "", const std::string& message = "") {
        plan.refused({status, reason, message, {}}, now);
    }
    const WatcherStatus& status() const { return plan.status(); }

    bool watch_list;
    Plan plan;
    Plan::Time now{1h};
};

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a list is read page by page, then watched from its version", "[kubernetes][plan]") {
    auto options = Fixture::pods();
    options.field_selector = "spec.nodeName=pi 1";
    Fixture test(options);
    CHECK(test.status().state == State::connecting);
    auto step = test.request(Do::list);
    CHECK(step.begins_list);
    CHECK(step.target == "/api/v1/pods?fieldSelector=spec.nodeName%3Dpi%201&limit=100");
    test.plan.accepted(test.now);
    CHECK(test.status().state == State::listing);
    CHECK_FALSE(test.plan.page_ended({"438", "a/b=", 5}, 100, 3'000'000, test.now));
    step = test.request(Do::list);
    CHECK_FALSE(step.begins_list);
    // 30 kB an object: 30 of them stay below a megabyte.
    CHECK(step.target == "/api/v1/pods?fieldSelector=spec.nodeName%3Dpi%201&limit=30&continue=a%2Fb%3D");
    test.plan.accepted(test.now);
    CHECK_FALSE(test.status().listed);
    CHECK(test.plan.page_ended({"438", "", {}}, 5, 1'000, test.now));
    CHECK(test.status().listed);
    CHECK(test.status().lists == 1);
    step = test.request(Do::watch);
    has(step.target,
        "watch=true&allowWatchBookmarks=true&fieldSelector=spec.nodeName%3Dpi%201&resourceVersion=438");
    const auto seconds = std::stoi(step.target.substr(step.target.find("timeoutSeconds=") + 15));
    CHECK(seconds >= 216);
    CHECK(seconds <= 264);
    test.plan.accepted(test.now);
    CHECK(test.status().state == State::watching);
    CHECK(test.status().watches == 1);
    CHECK(test.plan.patience() == 150s);
}

TEST_CASE("a watch goes on from the last version it told, at once when it ended as agreed",
          "[kubernetes][plan]") {
    Fixture test;
    test.list();
    test.request(Do::watch);
    test.plan.accepted(test.now);
    test.now += 30s;
    CHECK_FALSE(test.plan.event({Kind::changed, "440"}, test.now));
    CHECK_FALSE(test.plan.event({Kind::bookmark, "512"}, test.now));
    CHECK(test.status().events == 1);
    CHECK(test.status().last_event == test.now);
    test.plan.watch_ended(test.now);
    has(test.request(Do::watch).target, "resourceVersion=512");

    SECTION("it broke") {
        test.plan.accepted(test.now);
        test.plan.failed("the connection was closed", test.now);
        CHECK(test.status().state == State::waiting);
        CHECK(test.status().error == "the connection was closed");
        CHECK(test.status().watch_errors == 1);
        CHECK(test.wait() < 250ms);
        has(test.request(Do::watch).target, "resourceVersion=512");
        test.plan.accepted(test.now);
        CHECK(test.status().error.empty());
    }
    SECTION("the server ends it at once, again and again") {
        std::chrono::milliseconds longest{};
        for (int i = 0; i < 10; ++i) {
            test.plan.accepted(test.now);
            test.plan.watch_ended(test.now);
            longest = std::max(longest, test.wait());
            test.request(Do::watch);
        }
        CHECK(longest > 2s);
    }
    SECTION("it is silent: resumed, then listed again") {
        test.plan.accepted(test.now);
        test.now += 150s;
        test.plan.silent(test.now);
        has(test.status().error, "nothing was heard for 150 s");
        has(test.request(Do::watch).target, "resourceVersion=512");
        test.plan.accepted(test.now);
        test.now += 150s;
        test.plan.silent(test.now);
        CHECK(test.request(Do::list).begins_list);
    }
    SECTION("it tells nothing in all its time, twice") {
        for (int i = 0; i < 2; ++i) {
            test.plan.accepted(test.now);
            test.now += 240s;
            test.plan.watch_ended(test.now);
            if (i == 0) test.request(Do::watch);
        }
        test.request(Do::list);
    }
}

TEST_CASE("a version that has expired leads to a new list", "[kubernetes][plan]") {
    Fixture test;
    test.list();
    test.request(Do::watch);
    SECTION("as an event") {
        test.plan.accepted(test.now);
        test.refuse(410, "Expired", "too old resource version: 707 (718)");
    }
    SECTION("as a status") {
        test.refuse(410, "Gone");
    }
    CHECK(test.status().expired == 1);
    CHECK(test.request(Do::list).begins_list);
    // And again and again: not without a pause.
    test.plan.accepted(test.now);
    test.plan.page_ended({"1", "", {}}, 1, 1, test.now);
    for (int i = 0; i < 8; ++i) {
        test.request(Do::watch);
        test.refuse(410, "Expired");
        CHECK(test.wait() > 40ms);
        test.list("1");
    }
    test.request(Do::watch);
    test.refuse(410, "Expired");
    CHECK(test.wait() > 2s);
}

TEST_CASE("a list that expires on its way begins again, the second time in one page", "[kubernetes][plan]") {
    Fixture test;
    for (int round = 0; round < 2; ++round) {
        auto step = test.next();
        if (step.what == Do::wait) {
            test.now += step.wait;
            step = test.next();
        }
        CHECK(step.begins_list);
        has(step.target, "limit=");
        test.plan.accepted(test.now);
        test.plan.page_ended({"438", "token", 7}, 10, 10'000, test.now);
        has(test.request(Do::list).target, "continue=token");
        test.refuse(410, "Expired");
    }
    test.wait();
    const auto step = test.request(Do::list);
    CHECK(step.target == "/api/v1/pods");
    CHECK(step.begins_list);
}

TEST_CASE("a page that fails is asked for again from where the list had come to", "[kubernetes][plan]") {
    Fixture test;
    test.request(Do::list);
    test.plan.accepted(test.now);
    test.plan.page_ended({"438", "token", {}}, 10, 10'000, test.now);
    test.request(Do::list);
    test.plan.failed("the answer was cut short after 12 bytes", test.now);
    CHECK(test.status().list_errors == 1);
    test.wait();
    const auto step = test.request(Do::list);
    has(step.target, "continue=token");
    CHECK_FALSE(step.begins_list);
}

TEST_CASE(
    "failures are waited for longer and longer, five seconds at most, counted from the attempt's beginning",
    "[kubernetes][plan]") {
    Fixture test;
    test.list();
    std::chrono::milliseconds last{};
    for (int i = 0; i < 12; ++i) {
        test.request(Do::watch);
        test.plan.failed("cannot connect to pi:6443: Connection refused", test.now);
        last = test.wait();
        CHECK(last >= 50ms);
        CHECK(last <= 4500ms);
    }
    CHECK(last >= 2500ms);
    // A host that swallows packets has been waited for already.
    test.request(Do::watch);
    test.now += 5s;
    test.plan.failed("cannot connect to pi:6443: no answer within 4s", test.now);
    CHECK(test.wait() <= 50ms);
    test.request(Do::watch);
    test.plan.accepted(test.now);
    test.plan.event({Kind::bookmark, "500"}, test.now);
    test.plan.failed("the connection was closed", test.now);
    CHECK(test.wait() < 250ms);
}

TEST_CASE("what the server lacks or forbids is asked for now and then", "[kubernetes][plan]") {
    Fixture test;
    const unsigned code = GENERATE(403u, 404u);
    test.request(Do::list);
    test.refuse(
        code, code == 403 ? "Forbidden" : "NotFound", "pods is forbidden: User \"nobody\"\n cannot list");
    CHECK(test.status().state == (code == 403 ? State::forbidden : State::missing));
    has(test.status().error, "the API server answers " + std::to_string(code));
    const auto wait = test.wait();
    CHECK(wait >= 54s);
    CHECK(wait <= 66s);
    test.list();
    CHECK(test.status().error.empty());
}

TEST_CASE("a server that is busy says how long to wait", "[kubernetes][plan]") {
    Fixture test;
    test.list();
    test.request(Do::watch);
    test.plan.refused({429, "TooManyRequests", "", 7s}, test.now);
    CHECK(test.wait() == 7s);
    has(test.request(Do::watch).target, "resourceVersion=438");
    test.plan.refused({503, "", "", 100'000s}, test.now);
    CHECK(test.wait() == 60s);
    has(test.request(Do::watch).target, "resourceVersion=438");
    test.refuse(401, "Unauthorized", "Unauthorized");
    CHECK(test.status().state == State::waiting);
    has(test.status().error, "401 Unauthorized");
    CHECK(test.wait() < 5s);
    has(test.request(Do::watch).target, "resourceVersion=438");
}

TEST_CASE("a version that the server cannot know is dropped", "[kubernetes][plan]") {
    Fixture test;
    test.list();
    test.request(Do::watch);
    SECTION("not reached yet") {
        test.refuse(504, "Timeout", "Timeout: Too large resource version: 99999999, current: 577");
    }
    SECTION("no number") {
        test.refuse(500, "", "resourceVersion: Invalid value");
    }
    SECTION("not liked") {
        test.refuse(400, "BadRequest");
    }
    test.wait();
    CHECK(test.request(Do::list).begins_list);
}

TEST_CASE("the list comes by watching where the server can do that", "[kubernetes][plan]") {
    Fixture test(Fixture::pods(), true);
    const auto step = test.request(Do::watch_list);
    CHECK(step.begins_list);
    has(step.target, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    CHECK(step.target.find("resourceVersion=") == std::string::npos);
    test.plan.accepted(test.now);
    CHECK(test.status().state == State::listing);

    SECTION("it goes on as a watch") {
        CHECK_FALSE(test.plan.event({Kind::changed, "300"}, test.now));
        CHECK(test.plan.patience() == 6s);
        CHECK_FALSE(test.status().listed);
        CHECK(test.plan.event({Kind::bookmark, "577", true}, test.now));
        CHECK(test.status().listed);
        CHECK(test.status().lists == 1);
        CHECK(test.status().events == 0);
        CHECK(test.status().state == State::watching);
        CHECK(test.plan.patience() == 150s);
        test.now += 10s;
        test.plan.watch_ended(test.now);
        has(test.request(Do::watch).target, "resourceVersion=577");
        test.refuse(410);
        test.request(Do::watch_list);
    }
    SECTION("it breaks before it is whole") {
        test.plan.event({Kind::changed, "300"}, test.now);
        test.plan.failed("the connection was closed", test.now);
        CHECK(test.status().list_errors == 1);
        test.wait();
        CHECK(test.request(Do::watch_list).begins_list);
    }
    SECTION("the server refuses it") {
        test.refuse(422, "Invalid", "sendInitialEvents is forbidden");
        CHECK_FALSE(test.watch_list);
        CHECK(test.request(Do::list).begins_list);
    }
    SECTION("the server takes it and never ends the list") {
        test.plan.event({Kind::changed, "300"}, test.now);
        test.now += 6s;
        test.plan.silent(test.now);
        CHECK_FALSE(test.watch_list);
        CHECK(test.request(Do::list).begins_list);
    }
    SECTION("watching is not allowed here, others may still do so") {
        test.refuse(403, "Forbidden");
        CHECK(test.watch_list);
        test.request(Do::list);
    }
    SECTION("the server is down for a moment") {
        test.refuse(503);
        CHECK(test.watch_list);
        test.wait();
        test.request(Do::watch_list);
    }
}

TEST_CASE("a list may be asked for from the cache, and in part", "[kubernetes][plan]") {
    auto options = Fixture::pods();
    options.from_cache = true;
    options.most_objects = 3;
    options.page_objects = 2;
    Fixture test(options, true);
    CHECK(test.request(Do::list).target == "/api/v1/pods?limit=2&resourceVersion=0");
    test.plan.accepted(test.now);
    CHECK(test.plan.takes_object());
    CHECK(test.plan.takes_object());
    CHECK_FALSE(test.plan.page_ended({"9", "n", {}}, 2, 20'000, test.now));
    CHECK(test.request(Do::list).target == "/api/v1/pods?limit=1&continue=n");
    test.plan.accepted(test.now);
    CHECK(test.plan.takes_object());
    CHECK_FALSE(test.plan.takes_object());
    CHECK(test.plan.page_ended({"9", "more", {}}, 2, 20'000, test.now));
    test.request(Do::watch);
}
