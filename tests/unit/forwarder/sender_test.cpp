// The loop of a backend against a scripted one: no socket, short waits.
#include "forwarder/delivery/sender.hpp"

#include "tests/catch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>

using namespace pifleet::forwarder;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using Batch = std::vector<SeriesId>;

// What the scripted backend was given and what it shall answer; it delivers once the script is at its end.
struct Script {
    std::deque<Verdict> answers;
    std::vector<Batch> seen;
};

class Scripted final : public Backend {
  public:
    Scripted(asio::io_context& io, Script& script) : script_(script), timer_(io) {}
    std::string_view name() const override { return "scripted"; }
    Encoded encode(std::span<const Sample> samples, const SeriesTable&) const override {
        Encoded encoded;
        for (const auto& sample : samples) encoded.body += std::to_string(sample.series) + " ";
        return encoded;
    }
    asio::awaitable<Verdict> send(const Encoded& batch, Deadline) override {
        Batch ids;
        for (std::size_t at = 0; at < batch.body.size(); at = batch.body.find(' ', at) + 1)
            ids.push_back(static_cast<SeriesId>(std::stoul(batch.body.substr(at))));
        script_.seen.push_back(ids);
        timer_.expires_at(std::chrono::steady_clock::now());
        boost::system::error_code cancelled;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (script_.answers.empty()) co_return Verdict{};
        const auto verdict = script_.answers.front();
        script_.answers.pop_front();
        co_return verdict;
    }

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

    explicit Scene(std::size_t batch = 4, std::chrono::milliseconds gather = 5ms) {
        SenderOptions options;
        options.batch_samples = batch;
        options.gather = gather;
        options.retry = {1ms, 4ms, 2ms, 1000ms};
        const Sender::Surroundings around{io, log, series, [] { return 0; }, [] { return 0.5; }, [] {}};
        sender = std::make_shared<Sender>(std::make_unique<Scripted>(io, script), options, around);
        sender->start([this] { ended = true; });
    }
    void append(std::initializer_list<SeriesId> ids) {
        Record record;
        for (const auto id : ids) record.samples.push_back({0, 0, id});
        log.append(std::move(record));
        sender->wake();
    }
    void run(std::chrono::milliseconds time) { io.run_for(time); }
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

TEST_CASE("a refused batch is counted and blocks nothing") {
    Scene scene;
    scene.script.answers = {{Verdict::Kind::refused, "status 400", {}}};
    scene.append({1, 2, 3, 4});
    scene.append({5});
    scene.run(60ms);
    CHECK(scene.sender->status().samples_refused == 4);
    CHECK(scene.sender->status().samples_sent == 1);
    CHECK(scene.sender->status().error == "status 400");
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
