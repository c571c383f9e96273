#include "forwarder/delivery/retry.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

using std::chrono::milliseconds;

RetryPolicy::RetryPolicy(RetryLimits limits, std::function<double()> random)
    : limits_(limits), random_(std::move(random)) {}

Decision RetryPolicy::after(const Verdict& verdict) {
    if (verdict.kind == Verdict::Kind::delivered || verdict.kind == Verdict::Kind::refused) {
        failures_ = 0;
        return {verdict.kind == Verdict::Kind::delivered ? Decision::Kind::done : Decision::Kind::drop,
                milliseconds{0}};
    }
    const auto doublings = std::min(failures_, 20u);
    ++failures_;
    const auto spread = 0.9 + 0.2 * random_();
    const auto spread_wait = [spread](milliseconds wait) {
        return milliseconds(static_cast<std::int64_t>(static_cast<double>(wait.count()) * spread));
    };
    if (verdict.kind == Verdict::Kind::denied)
        return {Decision::Kind::wait_and_retry, spread_wait(limits_.denied)};
    // A receiver that says when is taken at its word, but not for ever: its clock may be wrong.
    if (verdict.wait)
        return {Decision::Kind::wait_and_retry, std::clamp(*verdict.wait, limits_.first, limits_.asked)};
    const auto wait = std::min(limits_.most, milliseconds(limits_.first.count() << doublings));
    return {Decision::Kind::wait_and_retry, spread_wait(wait)};
}

}  // namespace pifleet::forwarder
