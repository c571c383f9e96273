// The loop of a backend against a scripted one: no socket, short waits.
#include "forwarder/delivery/sender.hpp"

#include "tests/catch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>

using namespace pifleet::forwarder;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using Batch = std::vector<SeriesId>;

// What the scripted backend was given and what it shall answer; it delivers once the script is at its end,
// unless there is a judge.
struct Script {
    std::deque<Verdict> answers;
    std::function<Verdict(const Batch&)> judge;
    std::vector<Batch> seen;
    std::vector<std::chrono::steady_clock::time_point> times;
    Batch taken;
    mutable unsigned encoded = 0;
};

class Scripted final : public Backend {
  public:
    Scripted(asio::io_context& io, Script& script) : script_(script), timer_(io) {}
    std::string_view name() const override { return "scripted"; }
    Encoded encode(std::span<const Sample> samples, const SeriesTable&) const override {
        Encoded encoded;
        ++script_.encoded;
        for (const auto& sample : samples) encoded.body += std::to_string(sample.series) + " ";
        return encoded;
    }
    asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override {
        Batch ids;
        for (std::size_t at = 0; at < batch.body.size(); at = batch.body.find(' ', at) + 1)
            ids.push_back(static_cast<SeriesId>(std::stoul(batch.body.substr(at))));
        script_.seen.push_back(ids);
        script_.times.push_back(std::chrono::steady_clock::now());
        connect = limits.connect;
        timer_.expires_at(std::chrono::steady_clock::now());
        boost::system::error_code cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        auto verdict = script_.answers.empty() && script_.judge ? script_.judge(ids) : Verdict{};
        if (!script_.answers.empty()) {
            verdict = script_.answers.front();
            script_.answers.pop_front();
        }
        if (verdict.kind == Verdict::Kind::delivered)
            script_.taken.insert(script_.taken.end(), ids.begin(), ids.end());
        co_return verdict;
    }
    static inline std::chrono::milliseconds connect{0};  // of the last attempt

  private:
    Script& script_;
    asio::steady_timer timer_;
};

struct Scene {
    asio::io_context io;
    SampleLog log{1 << 20};
    SeriesTable series;
    Script script;
    std::shared_ptr<Sender> sender;
    bool ended = false;

    static SenderOptions quick(std::size_t batch = 4, std::chrono::milliseconds gather = 5ms) {
        SenderOptions options;
        options.batch_samples = batch;
        options.gather = gather;
        options.limits.backoff = {1ms, 4ms, 1000ms};
        options.limits.denied = 2ms;
        options.limits.refusals = 20ms;
        options.limits.gap = 0ms;
        options.limits.stuck_time = 20ms;
        return options;
    }
    explicit Scene(std::size_t batch = 4, std::chrono::milliseconds gather = 5ms)
        : Scene(quick(batch, gather)) {}
    explicit Scene(const SenderOptions& options) {
        const Sender::Surroundings around{io, log, series, [] { return 0; }, [] { return 0.5; }, [] {}};
        sender = std::make_shared<Sender>(std::make_unique<Scripted>(io, script), options, around);
        sender->start([this] { ended = true; });
    }
    // The series 0 … count-1, a sample each.
    void append(std::size_t count) {
        Record record;
        for (SeriesId id = 0; id < count; ++id) {
            if (id == known_) acquire();
            record.samples.push_back({0, 0, id});
        }
        log.append(std::move(record));
        sender->wake();
    }
    void acquire() {
        const auto value = std::to_string(known_++);
        const pifleet::metrics::Label labels[] = {{"__name__", "metric"}, {"id", value}};
        series.acquire(labels);
    }
    void append(std::initializer_list<SeriesId> ids) {
        while (known_ <= std::max(ids)) acquire();
        Record record;
        for (const auto id : ids) record.samples.push_back({0, 0, id});
        log.append(std::move(record));
        sender->wake();
    }
    void run(std::chrono::milliseconds time) { io.run_for(time); }
    // Until nothing waits.
    void drain() {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (sender->waiting() > 0 && std::chrono::steady_clock::now() < end) run(1ms);
        CHECK(sender->waiting() == 0);
    }
    std::uint64_t dropped(Dropped why) const {
        return sender->status().samples_dropped[static_cast<std::size_t>(why)];
    }

  private:
    SeriesId known_ = 0;
};

}  // namespace

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
    scene.run(50ms);
    CHECK(scene.script.seen.size() == 2);
    scene.sender->stop(500ms);
    scene.run(50ms);
    CHECK(scene.ended);
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
    scene.run(300ms);
    CHECK(scene.script.seen.size() > 40);
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
    CHECK(scene.sender->status().state == SenderStatus::State::denied);
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

TEST_CASE("a batch that is not understood goes again at once, but not for ever") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::not_understood, "format", {}}};
    scene.append({1, 2, 3, 4});
    scene.run(60ms);
    CHECK(scene.script.seen == std::vector<Batch>{{1, 2, 3, 4}, {1, 2, 3, 4}});
    CHECK(scene.sender->status().samples_sent == 4);

    scene.script.answers = std::deque<Verdict>(1000, {Verdict::Kind::not_understood, "format", {}});
    scene.append({5, 6, 7, 8});
    scene.run(40ms);
    CHECK(scene.script.seen.size() > 6);
    CHECK(scene.script.seen.size() < 60);  // with waits
    CHECK(scene.sender->status().samples_sent == 4);
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
