// What to do after an attempt: the rules that hold for every backend. No clock, no I/O: given the verdict and
// the attempts so far, it says what happens to the batch and how long to wait.
#pragma once

#include "forwarder/backends/backend.hpp"

#include <chrono>
#include <functional>

namespace pifleet::forwarder {

struct RetryLimits {
    std::chrono::milliseconds first{30};       // the wait after the first failure; it doubles
    std::chrono::milliseconds most{5'000};     // up to this
    std::chrono::milliseconds denied{60'000};  // between probes with a key that is not accepted
    std::chrono::milliseconds asked{600'000};  // at most this of what a Retry-After asks
};

struct Decision {
    enum class Kind { done, wait_and_retry, drop };
    Kind kind;
    std::chrono::milliseconds wait{0};
};

class RetryPolicy {
  public:
    /// `random` gives a number in [0, 1): waits are spread by ±10 % so that many senders do not march in
    /// step.
    RetryPolicy(RetryLimits limits, std::function<double()> random);

    Decision after(const Verdict& verdict);

    /// Failures since the last batch that was done with.
    unsigned failures() const { return failures_; }

  private:
    RetryLimits limits_;
    std::function<double()> random_;
    unsigned failures_ = 0;
};

}  // namespace pifleet::forwarder
