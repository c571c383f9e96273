// The loop of one backend: gathers a batch from the log, lets the backend encode it, sends it until the rules
// say that it is done with, moves the cursor. In order, one request at a time; a backend that fails delays no
// other.
#pragma once

#include "forwarder/backends/backend.hpp"
#include "forwarder/delivery/bisection.hpp"
#include "forwarder/delivery/rules.hpp"
#include "forwarder/delivery/suspects.hpp"
#include "forwarder/sample_log/sample_log.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pifleet::forwarder {

struct SenderOptions {
    std::size_t batch_samples = 2000;
    std::chrono::milliseconds gather{5'000};    // how long samples wait for a batch to fill
    std::chrono::milliseconds timeout{30'000};  // for one attempt
    std::chrono::milliseconds connect{10'000};  // for each step of connecting
    std::chrono::milliseconds probe{1'500};     // the same, while the receiver is away
    std::uint64_t samples_per_second = 0;       // at most; 0: no cap
    std::chrono::milliseconds max_age{0};       // older samples are left out; 0: none is too old
    RuleLimits limits;
    RuleSwitches switches;
};

/// What the page and /metrics show of a backend. Counters since start.
struct SenderStatus {
    enum class State {
        idle,
        sending,
        retrying,   // it is away, busy or broken
        denied,     // it does not accept the key
        isolating,  // it refused a batch: the series that it does not like is looked for
        refusing,   // it took nothing of the last batch
    };
    State state = State::idle;
    std::uint64_t samples_sent = 0;
    std::array<std::uint64_t, 4> samples_dropped{};  // by Dropped
    LeftOutCounts left_out;                          // samples that were not sent, by reason
    std::uint64_t series_set_aside = 0;              // now: refused by themselves, and not taken since
    std::uint64_t requests = 0, failures = 0;        // attempts, and those that did not deliver
    std::uint64_t request_bytes = 0;                 // bodies of all attempts
    std::optional<std::int64_t> delivered_ms;        // when the last batch was taken, since the epoch
    std::string error;                               // of the last attempt that failed
    std::int64_t error_ms = 0;
};

class Sender : public std::enable_shared_from_this<Sender> {
  public:
    struct Surroundings {  // handed in; must outlive the sender
        boost::asio::io_context& io;
        SampleLog& log;
        const SeriesTable& series;
        std::function<std::int64_t()> now_ms;
        std::function<double()> random;  // [0, 1)
        std::function<void()> advanced;  // called when the cursor has moved
    };

    Sender(std::unique_ptr<Backend> backend, SenderOptions options, const Surroundings& around);

    /// Starts the loop; `ended` is called when it has ended after stop(). From then on the log owes it
    /// nothing.
    void start(std::function<void()> ended);

    bool started() const { return started_; }

    /// There are new samples.
    void wake();

    /// The configuration was read again and this backend's part of it is the same.
    void reloaded() { backend_->reloaded(); }

    /// One more attempt with what is left, which may take this long; then the loop ends. An attempt under way
    /// goes on until its own end: who cannot wait for that does not wait for `ended`.
    void stop(std::chrono::milliseconds grace);

    std::string_view name() const { return backend_->name(); }
    const SenderStatus& status() const { return status_; }
    std::uint64_t waiting() const { return around_.log.waiting(reader_); }
    std::uint64_t lost() const { return around_.log.lost(reader_); }

  private:
    using Clock = std::chrono::steady_clock;
    struct Unproven {
        SeriesId series;
        std::size_t samples;
        std::string why;
    };
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<bool> gather();
    boost::asio::awaitable<bool> deliver();
    boost::asio::awaitable<bool> turn();
    boost::asio::awaitable<void> sleep_until(Clock::time_point until);
    Cursor begin_batch(std::size_t most);
    std::size_t leave_out_old();
    bool aged() const;
    AttemptLimits attempt_limits() const;
    Rules::Sent sent() const;
    void apply(const Step& step, const Verdict& verdict);
    void taken();
    void drop(Dropped why, std::size_t samples, const Verdict& verdict);
    void drop_part(Dropped why, const Verdict& verdict);
    void set_aside(SeriesId series, std::size_t samples, const std::string& why);
    void note(const Verdict& verdict, std::size_t bytes);
    std::size_t batch_samples() const { return std::min(options_.batch_samples, rules_.batch_samples()); }

    std::unique_ptr<Backend> backend_;
    SenderOptions options_;
    Surroundings around_;
    SampleLog::ReaderId reader_;
    Rules rules_;
    RateCap cap_;
    Bisection bisection_;
    Suspects suspects_;
    std::vector<Unproven> unproven_;  // of this batch: refused by themselves, before anything was taken
    boost::asio::steady_timer timer_;
    SenderStatus status_;
    std::vector<Sample> batch_;       // kept for its room
    std::size_t read_ = 0;            // samples of this batch as it stands in the log
    std::int64_t oldest_ms_ = 0;      // of what is to be sent of it
    LeftOutCounts left_out_;          // of this batch
    Clock::time_point not_before_{};  // of the next request: the rules'
    bool refused_ = false;            // the last request was, in one way or another
    bool failing_ = false;            // it is away, denies the key or refuses everything
    bool gathering_ = false;
    bool started_ = false;
    std::optional<Clock::time_point> last_chance_;  // set by stop()
};

}  // namespace pifleet::forwarder
