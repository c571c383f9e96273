#include "forwarder/delivery/sender.hpp"

#include "common/process/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

Sender::Sender(std::unique_ptr<Backend> backend, SenderOptions options, const Surroundings& around)
    : backend_(std::move(backend)),
      options_(options),
      around_(around),
      reader_(around.log.open_reader()),
      retry_(options.retry, around.random),
      timer_(around.io) {}

void Sender::start(std::function<void()> ended) {
    const auto self = shared_from_this();
    asio::co_spawn(
        around_.io,
        [self] { return self->run(); },
        [self, ended = std::move(ended)](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);  // a bug: it ends in main's catch
            self->around_.log.close_reader(self->reader_);
            ended();
        });
}

void Sender::wake() {
    if (status_.state == SenderStatus::State::idle) timer_.cancel();
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
    while (!last_chance_) {
        const auto count = waiting();
        if (count >= options_.batch_samples) break;
        if (count > 0 && !due) due = Clock::now() + options_.gather;
        if (due && Clock::now() >= *due) break;
        co_await sleep_until(due ? *due : Clock::time_point::max());
    }
    co_return waiting() > 0;
}

asio::awaitable<void> Sender::run() {
    for (;;) {
        const bool more = co_await gather();
        if (!more) co_return;
        co_await deliver();
        if (last_chance_ && (status_.state != SenderStatus::State::idle || Clock::now() >= *last_chance_))
            co_return;
    }
}

// One batch, until it is done with. It is never merged with samples that came meanwhile: a receiver that took
// it and whose answer was lost gets the same bytes again.
asio::awaitable<void> Sender::deliver() {
    batch_.clear();
    const auto behind = around_.log.read(reader_, options_.batch_samples, batch_);
    const auto encoded = backend_->encode(batch_, around_.series);
    for (;;) {
        status_.state = SenderStatus::State::sending;
        auto deadline = Clock::now() + options_.timeout;
        if (last_chance_) deadline = std::min(deadline, *last_chance_);
        const auto verdict = co_await backend_->send(encoded, deadline);
        note(verdict, batch_.size(), encoded.body.size());
        const auto decision = retry_.after(verdict);
        if (decision.kind != Decision::Kind::wait_and_retry) break;
        status_.state = verdict.kind == Verdict::Kind::denied ? SenderStatus::State::denied
                                                              : SenderStatus::State::retrying;
        if (last_chance_) co_return;
        co_await sleep_until(Clock::now() + decision.wait);
    }
    status_.state = SenderStatus::State::idle;
    around_.log.advance(reader_, behind);
    around_.advanced();
}

void Sender::note(const Verdict& verdict, std::size_t samples, std::size_t bytes) {
    ++status_.requests;
    status_.request_bytes += bytes;
    if (verdict.kind == Verdict::Kind::delivered) {
        if (retry_.failures() > 0) log::info("backend takes samples again", {{"backend", name()}});
        status_.samples_sent += samples;
        status_.delivered_ms = around_.now_ms();
        return;
    }
    ++status_.failures;
    status_.error = verdict.reason;
    status_.error_ms = around_.now_ms();
    if (verdict.kind == Verdict::Kind::refused) {
        status_.samples_refused += samples;
        log::error("backend refused samples for good; they are dropped",
                   {{"backend", name()}, {"samples", samples}, {"error", verdict.reason}});
    } else if (verdict.kind == Verdict::Kind::denied) {
        log::error("backend does not accept the key; samples are kept and it is asked again",
                   {{"backend", name()}, {"error", verdict.reason}});
    } else {
        log::warn("backend did not take samples; they are sent again",
                  {{"backend", name()}, {"error", verdict.reason}});
    }
}

}  // namespace pifleet::forwarder
