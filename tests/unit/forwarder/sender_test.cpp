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
    scene.drain();
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
    scene.run_until_seen(1);
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}});
}

TEST_CASE("a batch is repeated unchanged until it is taken, whatever came meanwhile") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::retry, "one", {}}, {Verdict::Kind::denied, "two", {}}, {}};
    scene.append({1});
    scene.run_until_seen(1);
    scene.append({2});
    scene.drain();
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
    CHECK(scene.sender->status().left_out[LeftOut::rules] == 4);
    scene.append({5, 1, 6});
    scene.drain();
    CHECK(scene.script.seen == std::vector<Batch>{{5, 6}});
    CHECK(scene.sender->status().left_out[LeftOut::rules] == 5);
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
    CHECK(scene.sender->status().left_out[LeftOut::rules] == 1);
}

TEST_CASE("a stop sends what waits and ends") {
    Scene scene(4, 10'000ms);
    scene.append({1, 2, 3, 4, 5});
    scene.append({6});
    scene.run(5ms);
    scene.sender->stop(10s);
    scene.run_to_the_end();
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}, {5, 6}});
}

TEST_CASE("a stop during an outage makes one attempt and ends") {
    Scene scene;
    scene.script.answers = std::deque<Verdict>(1000, {Verdict::Kind::retry, "away", 10'000ms});
    scene.append({1});
    scene.run_until_seen(1);
    scene.run(30ms);
    const auto before = scene.script.seen.size();
    scene.sender->stop(10s);
    scene.run_to_the_end();
    CHECK(scene.script.seen.size() == before + 1);
}

TEST_CASE("a backend is told where it begins, what is done with and where it ends") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::too_large, "less", {}}};
    scene.append({1, 2, 3, 4, 5, 6});
    scene.drain();
    CHECK(scene.script.read == std::vector<std::size_t>{4, 2, 2, 2});  // read again, in halves
    CHECK(scene.script.done == 3);
    scene.sender->stop(10s);
    scene.run_to_the_end();
    constexpr auto behind_everything = ~std::uint64_t{0};
    CHECK(scene.script.places == std::vector<std::uint64_t>{behind_everything, behind_everything});

    Scene stopped;
    stopped.script.judge = [](const Batch&) { return Verdict{Verdict::Kind::retry, "away", {}}; };
    stopped.append({1, 2, 3, 4, 5, 6});
    stopped.run_until_seen(1);
    stopped.sender->stop(1ms);
    stopped.run_to_the_end();
    CHECK(stopped.script.places == std::vector<std::uint64_t>{behind_everything, 0});
    CHECK(stopped.script.done == 0);
}

TEST_CASE("a full batch ends where the backend wants it to") {
    Scene scene;
    scene.script.whole = [](std::span<const Sample> batch) {
        // The series 3 and 4 belong together.
        return batch.back().series == 3 ? batch.size() - 1 : batch.size();
    };
    scene.append({0, 1, 2, 3, 4, 5, 6});
    scene.drain();
    CHECK(scene.script.seen == std::vector<Batch>{{0, 1, 2}, {3, 4, 5, 6}});
    scene.script.whole = [](std::span<const Sample>) { return std::size_t{0}; };  // it cannot be had
    scene.append({0, 1, 2, 3});
    scene.drain();
    CHECK(scene.script.seen.back() == Batch{0, 1, 2, 3});
}

TEST_CASE("what is older than the backend takes is left out, also when it grew old while it waited") {
    std::int64_t now = 1000;
    auto options = Scene::quick();
    options.max_age = 1000ms;
    Scene scene(options, [&now] { return now; });
    const auto append = [&scene](std::int64_t time, std::initializer_list<SeriesId> ids) {
        scene.know(8);
        Record record;
        record.time_ms = time;
        for (const auto id : ids) record.readings.push_back({0, id});
        scene.log.append(std::move(record));
        scene.sender->wake();
    };
    append(500, {1});
    append(-1, {2});
    scene.drain();
    CHECK(scene.script.taken == Batch{1});
    CHECK(scene.sender->status().left_out[LeftOut::too_old] == 1);

    // The hour strikes within an answer: nothing is on its way then.
    unsigned attempts = 0;
    scene.script.judge = [&](const Batch&) {
        if (now == 1700) return Verdict{};
        if (++attempts == 3) {
            now = 1700;
            append(1700, {6});  // comes with the next batch
        }
        return Verdict{Verdict::Kind::retry, "away", {}};
    };
    append(600, {3, 4});
    append(900, {5});
    scene.drain();
    CHECK(scene.script.taken == Batch{1, 5, 6});
    CHECK(scene.script.seen.back() == Batch{6});
    CHECK(scene.sender->status().left_out[LeftOut::too_old] == 3);
}

TEST_CASE("who keeps what is good of a batch is sent no less for it") {
    Scene scene;
    for (int i = 0; i < 6; ++i)
        scene.script.answers.push_back({.kind = Verdict::Kind::dropped, .reason = "one", .written = 3});
    scene.append(24);
    scene.drain();
    CHECK(scene.script.seen.size() == 6);
    CHECK(scene.sender->status().samples_sent == 18);
    CHECK(scene.dropped(Dropped::other_status) == 6);
}
