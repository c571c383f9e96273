// A backend that answers as a script says, and a sender that works for it: no socket, short waits.
#pragma once

#include "forwarder/delivery/sender.hpp"
#include "tests/catch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>

namespace pifleet::forwarder::scripted {

using namespace std::chrono_literals;
namespace asio = boost::asio;

using Batch = std::vector<SeriesId>;

// What the scripted backend was given and what it shall answer; it delivers once the script is at its end,
// unless there is a judge.
struct Script {
    std::deque<Verdict> answers;
    std::function<Verdict(const Batch&)> judge;
    std::function<bool(SeriesId)> leaves_out;
    std::vector<Batch> seen;
    std::vector<std::chrono::steady_clock::time_point> times;
    Batch taken;
    unsigned encoded = 0;
    std::function<std::size_t(std::span<const Sample>)> whole;
    std::vector<std::size_t> read;      // sizes of what leave_out() saw
    std::vector<std::uint64_t> places;  // where it began and where it ended
    unsigned done = 0;                  // batches
};

class Scripted final : public Backend {
  public:
    Scripted(asio::io_context& io, Script& script) : script_(script), timer_(io) {}
    std::string_view name() const override { return "scripted"; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable&) override {
        LeftOutCounts out;
        script_.read.push_back(batch.size());
        if (script_.leaves_out)
            out[LeftOut::rules] =
                std::erase_if(batch, [this](const Sample& s) { return script_.leaves_out(s.series); });
        return out;
    }
    void begins_at(Cursor place) override { script_.places.push_back(place.sample); }
    void batch_done() override { ++script_.done; }
    void ends_at(Cursor place) override { script_.places.push_back(place.sample); }
    std::size_t whole(std::span<const Sample> batch, const SeriesTable&) override {
        return script_.whole ? script_.whole(batch) : batch.size();
    }
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
    explicit Scene(
        const SenderOptions& options, std::function<std::int64_t()> now = [] { return 0; }) {
        const Sender::Surroundings around{io, log, series, std::move(now), [] { return 0.5; }, [] {}};
        sender = std::make_shared<Sender>(std::make_unique<Scripted>(io, script), options, around);
        sender->start([this] { ended = true; });
    }
    // The series 0 … count-1, a sample each.
    void append(std::size_t count) {
        Record record;
        for (SeriesId id = 0; id < count; ++id) {
            if (id == known_) acquire();
            record.readings.push_back({0, id});
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
        for (const auto id : ids) record.readings.push_back({0, id});
        log.append(std::move(record));
        sender->wake();
    }
    void know(SeriesId count) {
        while (known_ < count) acquire();
    }
    void run(std::chrono::milliseconds time) { io.run_for(time); }
    // A busy machine runs little in a fixed time: what must come is waited for.
    template <typename Done>
    void run_until(Done done) {
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < end) run(1ms);
        CHECK(done());
    }
    // Until nothing waits.
    void drain() {
        run_until([this] { return sender->waiting() == 0; });
    }
    void run_to_the_end() {
        run_until([this] { return ended; });
    }
    void run_until_seen(std::size_t batches) {
        run_until([&] { return script.seen.size() >= batches; });
    }
    std::uint64_t dropped(Dropped why) const {
        return sender->status().samples_dropped[static_cast<std::size_t>(why)];
    }

  private:
    SeriesId known_ = 0;
};

}  // namespace pifleet::forwarder::scripted
