// A rate with bursts: tokens come at an interval, each request takes one. Private to common/http/web.
#pragma once

#include "common/http/web/config.hpp"

#include <algorithm>
#include <chrono>

namespace pifleet::http::web {

class TokenBucket {
  public:
    using Time = std::chrono::steady_clock::time_point;

    TokenBucket(const RateLimit& rate, Time now) : rate_(rate), tokens_(rate.burst), at_(now) {}

    /// Whether a request may pass now.
    bool take(Time now) {
        if (rate_.interval.count() <= 0)
            return true;  // a negative one is an infinite rate in the toolkit, too
        const std::chrono::duration<double> passed = now - at_;
        tokens_ = std::min(rate_.burst, tokens_ + passed / std::chrono::duration<double>(rate_.interval));
        at_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

  private:
    const RateLimit rate_;
    double tokens_;
    Time at_;
};

}  // namespace pifleet::http::web
