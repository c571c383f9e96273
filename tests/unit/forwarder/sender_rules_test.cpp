// What the loop of a backend does with each answer, and in how many requests.
#include "tests/catch.hpp"
#include "tests/unit/forwarder/scripted.hpp"

#include <algorithm>

using namespace pifleet::forwarder;
using namespace pifleet::forwarder::scripted;
using namespace std::chrono_literals;

TEST_CASE("what is refused with another status is counted and blocks nothing") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::dropped, "status 404"}};
    scene.append({1, 2, 3, 4});
    scene.drain();
    CHECK(scene.sender->status().state == SenderStatus::State::refusing);
    scene.append({5});
    scene.drain();
    CHECK(scene.sender->status().state == SenderStatus::State::idle);
    CHECK(scene.dropped(Dropped::other_status) == 4);
    CHECK(scene.sender->status().samples_sent == 1);
    CHECK(scene.sender->status().error == "status 404");
}

TEST_CASE("what a receiver has kept of a batch that it refuses counts as sent") {
    Scene scene;
    Verdict partly{Verdict::Kind::dropped, "status 400"};
    partly.written = 3;
    scene.script.answers = {partly};
    scene.append({1, 2, 3, 4});
    scene.drain();
    CHECK(scene.dropped(Dropped::other_status) == 1);
    CHECK(scene.sender->status().samples_sent == 3);
}

TEST_CASE("a bad series is set aside: everything else arrives once, and later batches cost two requests") {
    Scene scene(Scene::quick(1000));
    const auto bad = [](const Batch& batch) {
        return std::find(batch.begin(), batch.end(), 77u) != batch.end();
    };
    scene.script.judge = [&](const Batch& batch) {
        return bad(batch) ? Verdict{Verdict::Kind::refused, "status 400"} : Verdict{};
    };
    scene.append(1000);
    scene.drain();
    Batch expected;
    for (SeriesId id = 0; id < 1000; ++id)
        if (id != 77) expected.push_back(id);
    auto& taken = scene.script.taken;
    std::sort(taken.begin(), taken.end());
    CHECK(taken == expected);
    CHECK(scene.script.seen.size() <= 22);
    CHECK(scene.dropped(Dropped::set_aside) == 1);
    CHECK(scene.sender->status().series_set_aside == 1);

    const auto before = scene.script.seen.size();
    for (int i = 0; i < 5; ++i) {
        scene.append(1000);
        scene.drain();
    }
    CHECK(scene.script.seen.size() == before + 10);
    CHECK(taken.size() == 6 * 999);
    CHECK(scene.dropped(Dropped::set_aside) == 6);

    scene.script.judge = nullptr;  // mended: it is taken, and goes with the others again
    scene.append(1000);
    scene.append(1000);
    scene.drain();
    CHECK(scene.script.seen.size() == before + 13);
    CHECK(scene.sender->status().series_set_aside == 0);
    CHECK(scene.sender->status().state == SenderStatus::State::idle);
}

TEST_CASE("an endpoint that refuses everything sees no storm, and is well once it takes something") {
    auto options = Scene::quick(100);
    options.limits.refusals = 30ms;
    Scene scene(options);
    scene.script.judge = [](const Batch&) { return Verdict{Verdict::Kind::refused, "status 400"}; };
    for (int i = 0; i < 5; ++i) scene.append(100);
    scene.drain();
    const auto& times = scene.script.times;
    CHECK(times.size() == 16 + 4);
    for (std::size_t i = 2; i < times.size(); ++i) CHECK(times[i] - times[i - 2] >= 30ms);
    CHECK(scene.dropped(Dropped::refused) == 500);
    CHECK(scene.dropped(Dropped::set_aside) == 0);
    CHECK(scene.sender->status().state == SenderStatus::State::refusing);
    CHECK(scene.sender->status().series_set_aside == 0);
    scene.script.judge = nullptr;
    scene.append(100);
    scene.drain();
    CHECK(scene.sender->status().samples_sent == 100);
    CHECK(scene.sender->status().state == SenderStatus::State::idle);
}

TEST_CASE("a stop does not hurry an endpoint that refuses everything") {
    auto options = Scene::quick(4);
    options.limits.refusals = 10s;
    Scene scene(options);
    scene.script.judge = [](const Batch&) { return Verdict{Verdict::Kind::refused, "status 400"}; };
    scene.append(4);
    scene.run_until_seen(2);
    scene.run(50ms);
    CHECK(scene.script.seen.size() == 2);
    scene.sender->stop(500ms);
    scene.run_to_the_end();
    CHECK(scene.script.seen.size() == 2);
}

TEST_CASE("a receiver that takes few samples at a time gets them in order, and the size is remembered") {
    Scene scene(Scene::quick(1000));
    scene.script.judge = [](const Batch& batch) {
        return batch.size() > 130 ? Verdict{Verdict::Kind::too_large, "status 413"} : Verdict{};
    };
    scene.append(1000);
    scene.drain();
    Batch expected(1000);
    for (SeriesId id = 0; id < 1000; ++id) expected[id] = id;
    CHECK(scene.script.taken == expected);
    CHECK(scene.script.seen.size() == 3 + 8);  // 1000, 500 and 250 were too many
    CHECK(scene.dropped(Dropped::too_large) == 0);
}

TEST_CASE("samples that break the receiver are found, because others pass") {
    Scene scene(Scene::quick(100));
    scene.script.judge = [](const Batch& batch) {
        const bool bad = std::find(batch.begin(), batch.end(), 42u) != batch.end();
        return bad ? Verdict{Verdict::Kind::retry, "status 500", {}, true} : Verdict{};
    };
    scene.append(100);
    scene.append(100);
    scene.drain();
    CHECK(scene.script.taken.size() == 2 * 99);
    CHECK(scene.dropped(Dropped::set_aside) == 2);
    CHECK(scene.script.seen.size() <= 60);
}

TEST_CASE("in an outage that answers, nothing is dropped and nothing comes twice") {
    Scene scene(Scene::quick(100));
    scene.script.judge = [](const Batch&) { return Verdict{Verdict::Kind::retry, "status 500", {}, true}; };
    scene.append(100);
    scene.append(100);
    scene.run_until_seen(41);
    CHECK(Scripted::connect == 1500ms);
    scene.script.judge = nullptr;
    scene.drain();
    auto& taken = scene.script.taken;
    std::sort(taken.begin(), taken.end());
    CHECK(taken.size() == 200);
    for (SeriesId id = 0; id < 100; ++id) CHECK(std::count(taken.begin(), taken.end(), id) == 2);
}

TEST_CASE("Retry-After holds the next request back") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::retry, "status 429", 80ms, true}};
    scene.append({1});
    scene.drain();
    REQUIRE(scene.script.times.size() == 2);
    CHECK(scene.script.times[1] - scene.script.times[0] >= 80ms);
}

TEST_CASE("a key that is not accepted holds the queue until it is mended") {
    auto options = Scene::quick();
    options.limits.denied = 50ms;
    Scene scene(options);
    scene.script.judge = [](const Batch&) { return Verdict{Verdict::Kind::denied, "status 401"}; };
    scene.append({1, 2, 3, 4, 5, 6});
    scene.run(220ms);
    scene.run_until([&] { return scene.sender->status().state == SenderStatus::State::denied; });
    CHECK(scene.script.seen.size() <= 6);
    scene.script.judge = nullptr;
    scene.drain();
    CHECK(scene.script.taken == Batch{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a backend that changed its format gets the same samples encoded anew, at once") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::not_understood, "status 415"}};
    scene.append({1, 2});
    scene.drain();
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2}, {1, 2}});
    CHECK(scene.script.encoded == 2);
    CHECK(scene.script.taken == Batch{1, 2});
}

TEST_CASE("a backlog goes at the owner's rate, oldest first") {
    auto options = Scene::quick(10);
    options.samples_per_second = 500;
    Scene scene(options);
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i) scene.append(10);
    scene.drain();
    CHECK(std::chrono::steady_clock::now() - began >= 180ms);  // the tenth request waits for nine
    CHECK(scene.script.seen.size() == 10);
}
