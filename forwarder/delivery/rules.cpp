#include "forwarder/delivery/rules.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

Rules::Rules(RuleLimits limits,
             RuleSwitches switches,
             std::size_t batch_samples,
             std::function<double()> random)
    : limits_(limits),
      switches_(switches),
      backoff_(limits.backoff, std::move(random)),
      pace_(limits.refusals),
      limit_(batch_samples) {}

Step Rules::after(const Verdict& verdict, const Sent& sent, Moment now) {
    using Kind = Verdict::Kind;
    if (verdict.kind != Kind::not_understood) encodings_ = 0;
    if (verdict.kind != Kind::retry && verdict.kind != Kind::not_understood) backoff_.reset();
    switch (verdict.kind) {
        case Kind::delivered:
            return delivered(sent);
        case Kind::retry:
            return error(verdict, sent, now);
        case Kind::denied:
            if (!switches_.probe_on_denied) return dropped(Dropped::other_status, now);
            return {Step::Kind::again, backoff_.spread(limits_.denied)};
        case Kind::too_large:
            return too_large(sent, now);
        case Kind::refused:
            return refused(sent, now);
        case Kind::dropped:
            if (verdict.written > 0) return taken_in_part(sent);
            return dropped(Dropped::other_status, now);
        case Kind::not_understood:
            break;
    }
    if (++encodings_ <= limits_.encodings) return {Step::Kind::encode_again};
    return {Step::Kind::encode_again, backoff_.after_failure({})};
}

Step Rules::delivered(const Sent& sent) {
    pace_.accepted();
    in_a_row_ = 0;
    hopeless_since_.reset();
    limit_.taken(sent.samples);
    batch_.taken_some = true;
    batch_.half_taken = batch_.halves > 0;
    batch_.errors = 0;
    return {Step::Kind::delivered, sent.whole ? milliseconds{0} : limits_.gap};
}

// It named what it does not take and has kept the rest: no reason to send it less.
Step Rules::taken_in_part(const Sent& sent) {
    pace_.accepted();
    in_a_row_ = 0;
    hopeless_since_.reset();
    batch_.taken_some = true;
    return {Step::Kind::drop, sent.whole ? milliseconds{0} : limits_.gap, Dropped::other_status};
}

milliseconds Rules::refusal(Moment now) {
    pace_.refused(now);
    return std::max(limits_.gap, pace_.wait(now));
}

Step Rules::dropped(Dropped reason, Moment now) {
    return {Step::Kind::drop, refusal(now), reason};
}

Step Rules::too_large(const Sent& sent, Moment now) {
    if (!switches_.split_on_413 || sent.samples == 1) return dropped(Dropped::too_large, now);
    limit_.too_large(sent.samples);
    if (sent.whole) return {Step::Kind::read_again, refusal(now)};
    if (sent.alone) return dropped(Dropped::too_large, now);
    return {Step::Kind::halve, refusal(now)};
}

// These samples by themselves are what the receiver does not take.
Step Rules::isolate(const Sent& sent) const {
    const bool done = sent.alone || sent.series_known > limits_.known_together;
    return {done ? Step::Kind::drop : Step::Kind::look_closer, limits_.gap, Dropped::set_aside};
}

Step Rules::refused(const Sent& sent, Moment now) {
    const bool believed = hopeless_since_ && now < *hopeless_since_ + limits_.memory;
    if (!switches_.bisect_on_400 || believed) return dropped(Dropped::refused, now);
    auto wait = refusal(now);
    // A receiver that takes other parts of this very batch does not refuse everything.
    if (batch_.taken_some) wait = limits_.gap;
    if (++in_a_row_ >= limits_.refusals_in_a_row) {
        in_a_row_ = 0;
        if (batch_.taken_some) return {Step::Kind::drop_refused, wait};
        hopeless_since_ = now;
        return {Step::Kind::drop_batch, wait};
    }
    auto step = isolate(sent);
    step.wait = wait;
    // Until something is taken, it may be that everything is refused: nothing is known of this series.
    if (!batch_.taken_some) step.reason = Dropped::refused;
    return step;
}

// An outage looks the same to every batch. Samples that break the receiver meet an error for ever while
// others pass: so after a while halves go by themselves, and only when one of them is taken the search goes
// on.
Step Rules::error(const Verdict& verdict, const Sent& sent, Moment now) {
    const auto wait = backoff_.after_failure(verdict.wait);
    if (!verdict.answered || verdict.wait || !switches_.bisect_on_400) return {Step::Kind::again, wait};
    if (batch_.errors++ == 0) batch_.first_error = now;
    const bool stuck =
        batch_.errors >= limits_.stuck_attempts && now >= batch_.first_error + limits_.stuck_time;
    auto step = Step{Step::Kind::again};
    if (sent.series_known > 0 && batch_.taken_some) {
        step = isolate(sent);
    } else if (batch_.half_taken) {
        if (sent.alone ? stuck : batch_.errors >= 2) step = isolate(sent);
    } else if (batch_.halves > 0) {
        step.kind = batch_.halves == 1 ? Step::Kind::look_closer : Step::Kind::rejoin;
        batch_.halves = batch_.halves == 1 ? 2 : 0;
    } else if (stuck && !sent.alone) {
        step.kind = Step::Kind::look_closer;
        batch_.halves = 1;
    }
    if (step.kind != Step::Kind::again) batch_.errors = 0;
    step.wait = wait;
    return step;
}

}  // namespace pifleet::forwarder
