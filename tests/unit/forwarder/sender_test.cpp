// The loop of a backend against a scripted one.
#include "tests/catch.hpp"
#include "tests/unit/forwarder/scripted.hpp"

#include <algorithm>

using namespace pifleet::forwarder;
using namespace pifleet::forwarder::scripted;
using namespace std::chrono_literals;

TEST_CASE("samples go in order, in batches of at most the size") {
    Scene scene;
    scene.append({1, 2, 3});
    scene.append({4, 5, 6});
    scene.run(60ms);
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}, {5, 6}});
    CHECK(scene.sender->status().samples_sent == 6);
    CHECK(scene.sender->waiting() == 0);
    CHECK(scene.log.bytes() == 0);
}

TEST_CASE("a batch that is not full waits for its time, a full one does not") {
    Scene scene(4, 10'000ms);
    scene.append({1});
    scene.run(20ms);
    CHECK(scene.script.seen.empty());
    scene.append({2, 3, 4});
    scene.run(20ms);
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}});
}

TEST_CASE("a batch is repeated unchanged until it is taken, whatever came meanwhile") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::retry, "one", {}}, {Verdict::Kind::denied, "two", {}}, {}};
    scene.append({1});
    scene.run(8ms);
    scene.append({2});
    scene.run(80ms);
    REQUIRE(scene.script.seen.size() == 4);
    CHECK(scene.script.seen[0] == Batch{1});
    CHECK(scene.script.seen[1] == Batch{1});
    CHECK(scene.script.seen[2] == Batch{1});
    CHECK(scene.script.seen[3] == Batch{2});
    CHECK(scene.sender->status().failures == 2);
    CHECK(scene.sender->status().samples_sent == 2);
    CHECK(scene.sender->status().state == SenderStatus::State::idle);
}

TEST_CASE("what a backend leaves out is not sent, and a batch of nothing else needs no request") {
    Scene scene;
    scene.script.leaves_out = [](SeriesId id) { return id < 5; };
    scene.append({1, 2, 3, 4});
    scene.drain();
    CHECK(scene.script.seen.empty());
    CHECK(scene.sender->status().samples_left_out == 4);
    scene.append({5, 1, 6});
    scene.drain();
    CHECK(scene.script.seen == std::vector<Batch>{{5, 6}});
    CHECK(scene.sender->status().samples_left_out == 5);
    CHECK(scene.sender->status().samples_sent == 2);
    CHECK(scene.sender->status().state == SenderStatus::State::idle);
    CHECK(scene.log.bytes() == 0);
}

TEST_CASE("what is left out is counted once, however often the batch is read") {
    Scene scene;
    scene.script.leaves_out = [](SeriesId id) { return id == 1; };
    scene.script.answers = {{Verdict::Kind::retry, "one", {}}, {Verdict::Kind::too_large, "two", {}}};
    scene.append({1, 2, 3, 4});
    scene.drain();
    CHECK(scene.script.taken == Batch{2, 3, 4});
    CHECK(scene.sender->status().samples_left_out == 1);
}

TEST_CASE("a stop sends what waits and ends") {
    Scene scene(4, 10'000ms);
    scene.append({1, 2, 3, 4, 5});
    scene.append({6});
    scene.run(5ms);
    scene.sender->stop(500ms);
    scene.run(200ms);
    CHECK(scene.ended);
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}, {5, 6}});
}

TEST_CASE("a stop during an outage makes one attempt and ends") {
    Scene scene;
    scene.script.answers = std::deque<Verdict>(1000, {Verdict::Kind::retry, "away", 10'000ms});
    scene.append({1});
    scene.run(30ms);
    const auto before = scene.script.seen.size();
    scene.sender->stop(500ms);
    scene.run(100ms);
    CHECK(scene.ended);
    CHECK(scene.script.seen.size() == before + 1);
}
