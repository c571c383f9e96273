#include "exporters/k8s_state/watching.hpp"

#include "fake_api.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::k8s;
using namespace pifleet::k8s::test;
using namespace std::chrono_literals;
using State = kubernetes::WatcherStatus::State;

namespace {

struct Scene {
    explicit Scene(Options options = {}) {
        const ResourceKind* const known[] = {&things};
        auto plan = make_plan(options, known);
        REQUIRE(plan.has_value());
        watching.emplace(std::move(*plan), Shard{}, 5min, api.watch(), now);
    }
    void pass(std::chrono::seconds time) {
        now += time;
        watching->look(now);
    }
    const Feed& feed() const { return *watching->feeds().front(); }
    const std::string& withdrawn() const { return feed().withdrawn(); }

    FakeApi api;
    Watching::Clock::time_point now = Watching::Clock::now();
    std::optional<Watching> watching;
};

}  // namespace

TEST_CASE("a kind is shown once its list is whole", "[watching]") {
    Scene scene;
    REQUIRE(scene.api.open.size() == 1);
    CHECK(scene.withdrawn() == "it has not been listed yet");
    CHECK_FALSE(scene.watching->status()[0].settled);
    scene.api.open[0]->sink.begin_list();
    scene.api.open[0]->sink.object(thing("a"));
    scene.pass(1s);
    CHECK(scene.withdrawn() == "it has not been listed yet");
    scene.api.open[0]->list({thing("a"), thing("b")});
    scene.pass(1s);
    CHECK(scene.withdrawn().empty());
    CHECK(scene.watching->status()[0].settled);
    const auto status = scene.watching->status()[0];
    CHECK(status.objects == 2);
    CHECK(status.working == 1);
    CHECK(status.unchanged == 1);
}

TEST_CASE("an open watch works, however little it says", "[watching]") {
    Scene scene;
    scene.api.open[0]->list({thing("a")});
    for (int i = 0; i < 100; ++i) scene.pass(60s);
    CHECK(scene.withdrawn().empty());
    CHECK(scene.api.made == 1);
}

TEST_CASE("a kind without a working watch goes from the page and comes back by a new list", "[watching]") {
    Scene scene;
    scene.api.open[0]->list({thing("a"), thing("b")});
    scene.pass(1s);
    auto& status = scene.api.open[0]->now;
    status.state = State::waiting;
    status.error = "connection refused";
    scene.pass(299s);
    CHECK(scene.withdrawn().empty());
    scene.pass(2s);
    CHECK(scene.withdrawn() == "no working watch for 5m1s: the API server has not answered");
    CHECK(scene.feed().store().size() == 0);
    REQUIRE(scene.api.open.size() == 1);
    CHECK(scene.api.made == 2);
    CHECK(scene.watching->status()[0].sum.lists == 1);  // counters go on
    scene.api.open[0]->now.error = "connection refused";
    scene.pass(60s);
    CHECK(scene.withdrawn() == "no working watch for 6m1s: connection refused");
    CHECK(scene.api.made == 2);
    scene.api.open[0]->list({thing("b")});
    scene.pass(1s);
    CHECK(scene.withdrawn().empty());
    CHECK(scene.feed().store().size() == 1);
    CHECK(scene.watching->status()[0].sum.lists == 2);
}

TEST_CASE("a watch that keeps trying but hears something is no stale one", "[watching]") {
    Scene scene;
    scene.api.open[0]->list({thing("a")});
    auto& status = scene.api.open[0]->now;
    status.state = State::connecting;
    for (int i = 0; i < 20; ++i) {
        status.last_event = scene.now;
        scene.pass(120s);
    }
    CHECK(scene.withdrawn().empty());
}

TEST_CASE("a kind that the server lacks or forbids is settled, and not shown", "[watching]") {
    Scene scene;
    scene.api.open[0]->now.state = State::missing;
    scene.pass(1s);
    CHECK(scene.watching->status()[0].settled);
    CHECK(scene.withdrawn() == "the API server has no such resource");
    scene.api.open[0]->now.state = State::forbidden;
    scene.api.open[0]->now.error = "pods is forbidden";
    scene.pass(1s);
    CHECK(scene.withdrawn() == "may not be read: pods is forbidden");
    scene.pass(400s);
    CHECK(scene.api.made == 1);  // nothing to drop, nothing to begin anew
    scene.api.open[0]->list({thing("a")});
    scene.pass(1s);
    CHECK(scene.withdrawn().empty());
}

TEST_CASE("of several namespaces the stale ones go alone", "[watching]") {
    Options options;
    options.namespaces = {"media", "ci"};
    Scene scene(options);
    REQUIRE(scene.api.open.size() == 2);
    scene.api.open[0]->list({thing("a"), thing("b")});
    scene.api.open[1]->list({thing("c", "", "ci")});
    scene.pass(1s);
    CHECK(scene.feed().store().size() == 3);
    scene.api.open[0]->now.state = State::waiting;
    scene.pass(301s);
    CHECK(scene.withdrawn().empty());
    CHECK(scene.feed().store().size() == 1);
    CHECK(scene.watching->status()[0].watches == 2);
    CHECK(scene.watching->status()[0].working == 1);
}
