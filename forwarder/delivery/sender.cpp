#include "forwarder/delivery/sender.hpp"

#include "common/process/log.hpp"
#include "forwarder/series/series_text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {
// Of a log with nothing in it no place survives a stop: "behind everything" is one of its own.
Cursor place_of(const SampleLog& log, SampleLog::ReaderId reader) {
    return log.waiting(reader) == 0 ? Cursor{~std::uint64_t{0}} : log.place(reader);
}
}  // namespace

Sender::Sender(std::unique_ptr<Backend> backend, SenderOptions options, const Surroundings& around)
    : backend_(std::move(backend)),
      options_(options),
      around_(around),
      reader_(around.log.open_reader(std::string(backend_->name()), options.gather)),
      rules_(options.limits, options.switches, options.batch_samples, around.random),
      cap_(options.samples_per_second),
      suspects_(options.limits.memory),
      timer_(around.io) {}

void Sender::start(std::function<void()> ended) {
    started_ = true;
    backend_->begins_at(place_of(around_.log, reader_));
    const auto self = shared_from_this();
    asio::co_spawn(
        around_.io,
        [self] { return self->run(); },
        [self, ended = std::move(ended)](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
            self->backend_->ends_at(place_of(self->around_.log, self->reader_));
            self->around_.log.close_reader(self->reader_);
            ended();
        });
}

void Sender::wake() {
    if (gathering_) timer_.cancel();
}

void Sender::stop(std::chrono::milliseconds grace) {
    last_chance_ = Clock::now() + grace;
    timer_.cancel();  // whatever it waits for, it makes its last attempt now; one under way is the last
}

asio::awaitable<void> Sender::sleep_until(Clock::time_point until) {
    timer_.expires_at(until);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

// Waits until a batch is full, or its first sample has waited long enough, or the end. False: nothing is left
// to send.
asio::awaitable<bool> Sender::gather() {
    std::optional<Clock::time_point> due;
    gathering_ = true;
    while (!last_chance_) {
        const auto count = waiting();
        if (count >= batch_samples()) break;
        if (count > 0 && !due) due = Clock::now() + options_.gather;
        if (due && Clock::now() >= *due) break;
        co_await sleep_until(due ? *due : Clock::time_point::max());
    }
    gathering_ = false;
    co_return waiting() > 0;
}

asio::awaitable<void> Sender::run() {
    for (;;) {
        const bool more = co_await gather();
        if (!more) co_return;
        const bool done = co_await deliver();
        if (last_chance_ && (!done || Clock::now() >= *last_chance_)) co_return;
    }
}

// Waits until the next request may go. False: the program stops first, and to hurry would break the pace of
// refusals.
asio::awaitable<bool> Sender::turn() {
    const auto turn = std::max(not_before_, cap_.ready());
    while (!last_chance_ && Clock::now() < turn) co_await sleep_until(turn);
    co_return !(last_chance_ && refused_ && Clock::now() < not_before_);
}

Cursor Sender::begin_batch(std::size_t most) {
    batch_.clear();
    auto behind = around_.log.read(reader_, most, batch_);
    // One that is not full ends where a scrape ends.
    const auto whole = batch_.size() < most ? 0 : backend_->whole(batch_, around_.series);
    if (whole > 0 && whole < batch_.size()) {
        batch_.clear();
        behind = around_.log.read(reader_, whole, batch_);
    }
    read_ = batch_.size();
    left_out_ = {};
    left_out_[LeftOut::too_old] = leave_out_old();
    left_out_ += backend_->leave_out(batch_, around_.series);
    oldest_ms_ = std::numeric_limits<std::int64_t>::max();
    for (const auto& sample : batch_) oldest_ms_ = std::min(oldest_ms_, sample.time_ms);
    rules_.begin_batch();
    unproven_.clear();
    // Of a backend that refuses everything nothing is known of single series.
    const bool apart = !rules_.refuses_everything();
    bisection_.begin(batch_, [this, apart, now = Clock::now()](SeriesId id) {
        return apart && suspects_.contains(id, now);
    });
    return behind;
}

std::size_t Sender::leave_out_old() {
    if (options_.max_age.count() == 0) return 0;
    const auto oldest = around_.now_ms() - options_.max_age.count();
    return std::erase_if(batch_, [oldest](const Sample& sample) { return sample.time_ms < oldest; });
}

// Whether some of the batch has become too old while it could not be sent.
bool Sender::aged() const {
    return options_.max_age.count() != 0 && bisection_.whole() &&
           oldest_ms_ < around_.now_ms() - options_.max_age.count();
}

AttemptLimits Sender::attempt_limits() const {
    auto deadline = Clock::now() + options_.timeout;
    if (last_chance_) deadline = std::min(deadline, *last_chance_);
    return {deadline, rules_.probing() ? options_.probe : options_.connect};
}

// One batch, until it is done with; false when the program stops before. It is never merged with samples that
// came meanwhile: a receiver that took it and whose answer was lost gets the same bytes again.
asio::awaitable<bool> Sender::deliver() {
    const auto sent_before = status_.samples_sent;
    auto behind = begin_batch(batch_samples());
    const bool something = !bisection_.done();  // the backend may leave out all of it
    std::optional<Encoded> encoded;             // what is next, as often as it takes
    while (!bisection_.done()) {
        const bool go = co_await turn();
        if (!go) co_return false;
        if (aged()) {
            behind = begin_batch(read_);
            encoded.reset();
            continue;
        }
        if (!encoded) encoded = backend_->encode(bisection_.next(), around_.series);
        status_.state = SenderStatus::State::sending;
        const auto verdict = co_await backend_->send(*encoded, attempt_limits());
        note(verdict, encoded->body.size());
        around_.log.set_failing(reader_, failing_);
        const auto step = rules_.after(verdict, sent(), Clock::now());
        not_before_ = Clock::now() + step.wait;
        if (step.kind != Step::Kind::again) encoded.reset();
        if (step.kind == Step::Kind::read_again) {
            log::info("backend finds a request too large; it gets less at a time",
                      {{"backend", name()}, {"samples", batch_samples()}});
            behind = begin_batch(std::min(read_, batch_samples()));
        } else {
            apply(step, verdict);
        }
        if (last_chance_ && verdict.kind != Verdict::Kind::delivered && !bisection_.done()) co_return false;
    }
    for (const auto& bad : std::exchange(unproven_, {}))
        drop(Dropped::refused, bad.samples, {.reason = bad.why});
    const bool all_refused = refused_ && status_.samples_sent == sent_before;
    if (something) status_.state = all_refused ? SenderStatus::State::refusing : SenderStatus::State::idle;
    status_.left_out += left_out_;
    backend_->batch_done();
    around_.log.advance(reader_, behind);
    around_.advanced();
    if (!something)
        co_await asio::post(around_.io, asio::use_awaitable);  // a long row of such holds up nobody
    co_return true;
}

Rules::Sent Sender::sent() const {
    const auto samples = bisection_.next();
    std::size_t known = 0;
    // Known ones stand by series.
    for (std::size_t i = 0; bisection_.known() && i < samples.size(); ++i)
        known += i == 0 || samples[i].series != samples[i - 1].series;
    return {samples.size(), known, bisection_.whole(), bisection_.alone()};
}

void Sender::apply(const Step& step, const Verdict& verdict) {
    switch (step.kind) {
        case Step::Kind::delivered:
            return taken();
        case Step::Kind::again:
        case Step::Kind::encode_again:
        case Step::Kind::read_again:
            return;
        case Step::Kind::halve:
            return bisection_.halve();
        case Step::Kind::look_closer:
            return bisection_.refused();
        case Step::Kind::rejoin:
            return bisection_.rejoin();
        case Step::Kind::drop:
            drop_part(step.reason, verdict);
            return bisection_.drop();
        case Step::Kind::drop_refused:
            return drop(step.reason, bisection_.drop_refused(), verdict);
        case Step::Kind::drop_batch:
            break;
    }
    suspects_.forgive_all();
    drop(step.reason, bisection_.drop_all(), verdict);
}

void Sender::taken() {
    const auto samples = bisection_.next();
    for (const auto& bad : unproven_) set_aside(bad.series, bad.samples, bad.why);
    unproven_.clear();
    if (bisection_.known())
        for (const auto& sample : samples) suspects_.forgive(sample.series);
    status_.series_set_aside = suspects_.size();
    status_.samples_sent += samples.size();
    status_.delivered_ms = around_.now_ms();
    cap_.sent(samples.size(), Clock::now());
    bisection_.delivered();
}

void Sender::drop(Dropped why, std::size_t samples, const Verdict& verdict) {
    const auto kept = std::min<std::uint64_t>(verdict.written, samples);
    status_.samples_sent += kept;
    status_.samples_dropped[static_cast<std::size_t>(why)] += samples - kept;
    status_.series_set_aside = suspects_.size();
    const auto message =
        rules_.refuses_everything() ? "backend refuses everything that it is sent; samples are dropped"
        : why == Dropped::too_large ? "backend finds a single sample too large; it is dropped"
                                    : "backend refused samples for good; they are dropped";
    log::error(message, {{"backend", name()}, {"samples", samples - kept}, {"error", verdict.reason}});
}

void Sender::drop_part(Dropped why, const Verdict& verdict) {
    const auto samples = bisection_.next();
    const auto id = samples.front().series;
    if (why == Dropped::set_aside && bisection_.alone()) return set_aside(id, samples.size(), verdict.reason);
    // Known ones, too many to look at each.
    if (why == Dropped::set_aside) status_.samples_dropped[static_cast<std::size_t>(why)] += samples.size();
    // Of a series that was refused by itself the verdict waits for the rest of the batch.
    else if (why == Dropped::refused && bisection_.alone())
        unproven_.push_back({id, samples.size(), verdict.reason});
    else
        drop(why, samples.size(), verdict);
}

// This series is what the backend does not take. It is named once, until it is taken again.
void Sender::set_aside(SeriesId series, std::size_t samples, const std::string& why) {
    status_.samples_dropped[static_cast<std::size_t>(Dropped::set_aside)] += samples;
    if (suspects_.add(series, Clock::now()))
        log::warn(
            "backend refuses this series; its samples are set aside, the others go on",
            {{"backend", name()}, {"series", series_text(around_.series.labels(series))}, {"error", why}});
    status_.series_set_aside = suspects_.size();
}

void Sender::note(const Verdict& verdict, std::size_t bytes) {
    using Kind = Verdict::Kind;
    using State = SenderStatus::State;
    ++status_.requests;
    status_.request_bytes += bytes;
    refused_ =
        verdict.kind == Kind::refused || verdict.kind == Kind::dropped || verdict.kind == Kind::too_large;
    if (verdict.kind == Kind::delivered) {
        if (std::exchange(failing_, false)) log::info("backend takes samples again", {{"backend", name()}});
        return;
    }
    failing_ = failing_ || verdict.kind == Kind::retry || verdict.kind == Kind::denied ||
               rules_.refuses_everything();
    ++status_.failures;
    status_.error = verdict.reason;
    status_.error_ms = around_.now_ms();
    if (refused_) {
        status_.state = rules_.refuses_everything() ? State::refusing : State::isolating;
        log::debug("backend refused a request", {{"backend", name()}, {"error", verdict.reason}});
    } else if (verdict.kind == Kind::denied) {
        status_.state = State::denied;
        log::error("backend does not accept the key", {{"backend", name()}, {"error", verdict.reason}});
    } else if (verdict.kind == Kind::retry) {  // a change of format is told by the backend
        status_.state = State::retrying;
        log::warn("backend did not take samples; they are sent again",
                  {{"backend", name()}, {"error", verdict.reason}});
    }
}

}  // namespace pifleet::forwarder
