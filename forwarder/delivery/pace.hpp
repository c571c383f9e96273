// When the next request may go, and how large it may be. No clock and no socket: each is told what happened,
// and when.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace pifleet::forwarder {

using Moment = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

/// Waits between the attempts to reach a receiver that is away, busy or broken: they double up to a most.
class Backoff {
  public:
    struct Limits {
        milliseconds first{30};
        milliseconds most{3'000};
        milliseconds asked{
            600'000};  // at most this of what a Retry-After asks: the receiver's clock may be wrong
    };
    /// `random` gives a number in [0, 1). Waits are shortened by up to a tenth, so that many senders do not
    /// march in step; never lengthened, so that after an outage the next attempt comes within `most`.
    Backoff(Limits limits, std::function<double()> random);

    milliseconds after_failure(std::optional<milliseconds> asked);
    milliseconds spread(milliseconds wait) const;
    void reset() { failures_ = 0; }
    unsigned failures() const { return failures_; }  // in a row

  private:
    Limits limits_;
    std::function<double()> random_;
    unsigned failures_ = 0;
};

/// An endpoint that refuses whatever it is sent sees two requests within `window` at most.
class RefusalPace {
  public:
    explicit RefusalPace(milliseconds window) : window_(window) {}
    void refused(Moment now);
    void accepted() { last_ = {}; }
    milliseconds wait(Moment now) const;

  private:
    milliseconds window_;
    std::array<std::optional<Moment>, 2>
        last_;  // the refusals since it last took something, the newer one second
};

/// The owner's cap on samples a second; 0: none.
class RateCap {
  public:
    explicit RateCap(std::uint64_t per_second) : per_second_(per_second) {}
    void sent(std::size_t samples, Moment now);
    Moment ready() const { return ready_; }

  private:
    std::uint64_t per_second_;
    Moment ready_{};
};

/// How many samples a request holds: halved when the receiver finds one too large, and remembered; it grows
/// again by a sixteenth whenever as many full requests have been taken.
class BatchLimit {
  public:
    explicit BatchLimit(std::size_t most) : most_(most), now_(most) {}
    std::size_t samples() const { return now_; }
    void too_large(std::size_t samples);
    void taken(std::size_t samples);

  private:
    static constexpr unsigned steps = 16;
    std::size_t most_, now_;
    unsigned full_ = 0;  // requests of the whole size taken since it last changed
};

}  // namespace pifleet::forwarder
