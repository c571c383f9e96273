#include "forwarder/guard/clock_guard.hpp"

#include <algorithm>
#include <cstdlib>

namespace pifleet::forwarder {

std::string_view trust_name(ClockGuard::Trust trust) {
    switch (trust) {
        case ClockGuard::Trust::unchecked:
            return "unchecked";
        case ClockGuard::Trust::synchronised:
            return "synchronised";
        case ClockGuard::Trust::date:
            return "date";
        case ClockGuard::Trust::kept:
            return "kept";
        case ClockGuard::Trust::taken:
            return "taken";
        case ClockGuard::Trust::none:
            break;
    }
    return "none";
}

std::string ClockGuard::reason() const {
    switch (trust_) {
        case Trust::unchecked:
            return "the configuration says that it is not checked";
        case Trust::synchronised:
            return "the kernel says that it is synchronised";
        case Trust::date:
            return "another host's Date agrees with it";
        case Trust::kept:
            return "this machine's clock runs while it is off";
        case Trust::taken:
            return "nothing confirms it, but the time to wait for that is over";
        case Trust::none:
            break;
    }
    if (too_early_) return "it is earlier than this program or than samples that were taken before: set it";
    if (date_differs_by_)
        return "another host's Date differs from it by " + std::to_string(*date_differs_by_ / 1000) + " s";
    return "nothing says yet that it is right (NTP has not set it, and there is no clock with a battery)";
}

void ClockGuard::check(const ClockReading& now) {
    if (!options_.check) return accept(Trust::unchecked, now);
    if (trust_ == Trust::unchecked) hold(now);
    if (now.wall_ms < earliest_ms) return hold(now);
    if (now.synchronised) return accept(Trust::synchronised, now);
    if (trusted()) return;
    if (now.kept) return accept(Trust::kept, now);
    hold(now);
    if (now.mono_ms - *held_since_ < options_.max_hold_ms) return;
    too_early_ = now.wall_ms < options_.floor_ms;
    if (!too_early_) accept(Trust::taken, now);
}

void ClockGuard::compare(std::int64_t date_ms, const ClockReading& now) {
    if (trusted() || date_ms < earliest_ms) return;
    const auto differs = now.wall_ms - date_ms;
    date_differs_by_ = differs;
    if (std::llabs(differs) <= tolerated_ms) accept(Trust::date, now);
}

void ClockGuard::hold(const ClockReading& now) {
    if (!held_since_) held_since_ = now.mono_ms;
    trust_ = Trust::none;
}

void ClockGuard::accept(Trust trust, const ClockReading& now) {
    if (!trusted()) {
        const auto offset = now.wall_ms - now.mono_ms;
        // What was stamped before goes on without a step back, unless that was far wrong.
        if (!known_ || offset > offset_ || offset_ - offset > most_slewed_ms) offset_ = offset;
        behind_ = offset_ - offset;
        last_mono_ = now.mono_ms;
        known_ = true;
        held_since_.reset();
        date_differs_by_.reset();
        too_early_ = false;
    }
    trust_ = trust;
}

std::int64_t ClockGuard::stamp(const ClockReading& now) {
    step_ = 0;
    if (!trusted()) return mark_base + now.mono_ms;
    const auto offset = now.wall_ms - now.mono_ms;
    const auto moved = offset - (offset_ - behind_);
    if (std::llabs(moved) > step_ms) step_ = moved;
    const bool vouched = now.synchronised || trust_ == Trust::kept || trust_ == Trust::unchecked;
    if ((moved > step_ms && !vouched) || (now.wall_ms < earliest_ms && options_.check)) {
        hold(now);  // somebody set it: that may be right or wrong
        return mark_base + now.mono_ms;
    }
    if (now.synchronised && trust_ != Trust::unchecked) trust_ = Trust::synchronised;
    const auto lead = offset_ - offset;  // of the stamps before the wall clock
    if (lead <= 0 || lead > most_slewed_ms) {
        offset_ = offset;
        last_mono_ = now.mono_ms;
    } else {
        const auto slewed = std::min(lead, (now.mono_ms - last_mono_) / 10);
        offset_ -= slewed;
        last_mono_ += 10 * slewed;  // what is left of the tenths counts next time
    }
    behind_ = offset_ - offset;
    return now.mono_ms + offset_;
}

}  // namespace pifleet::forwarder
