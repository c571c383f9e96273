#include "forwarder/delivery/pace.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

Backoff::Backoff(Limits limits, std::function<double()> random)
    : limits_(limits), random_(std::move(random)) {}

milliseconds Backoff::spread(milliseconds wait) const {
    const auto share = 1.0 - 0.1 * random_();
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * share));
}

milliseconds Backoff::after_failure(std::optional<milliseconds> asked) {
    const auto doublings = std::min(failures_, 20u);
    ++failures_;
    if (asked) return std::clamp(*asked, limits_.first, std::max(limits_.first, limits_.asked));
    return spread(std::min(limits_.most, milliseconds(limits_.first.count() << doublings)));
}

void RefusalPace::refused(Moment now) {
    last_ = {last_[1], now};
}

milliseconds RefusalPace::wait(Moment now) const {
    if (!last_[0] || now >= *last_[0] + window_) return milliseconds{0};
    return std::chrono::ceil<milliseconds>(*last_[0] + window_ - now);
}

void RateCap::sent(std::size_t samples, Moment now) {
    if (per_second_ == 0) return;
    const std::chrono::duration<double> takes(static_cast<double>(samples) /
                                              static_cast<double>(per_second_));
    ready_ = std::max(ready_, now) + std::chrono::duration_cast<Moment::duration>(takes);
}

void BatchLimit::too_large(std::size_t samples) {
    now_ = std::max<std::size_t>(1, std::min(now_, samples) / 2);
    full_ = 0;
}

void BatchLimit::taken(std::size_t samples) {
    if (samples < now_ || now_ == most_ || ++full_ < steps) return;
    now_ = std::min(most_, now_ + std::max<std::size_t>(1, now_ / steps));
    full_ = 0;
}

}  // namespace pifleet::forwarder
