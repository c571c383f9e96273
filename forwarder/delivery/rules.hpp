// What an answer means for the batch: the rules that hold for every backend, whatever its protocol. No clock
// and no I/O: given the verdict, what was sent and when, they say what happens to it and how long the next
// request waits.
#pragma once

#include "forwarder/backends/backend.hpp"
#include "forwarder/delivery/pace.hpp"

#include <cstddef>
#include <optional>

namespace pifleet::forwarder {

struct RuleLimits {
    Backoff::Limits backoff;
    milliseconds denied{60'000};      // between probes with a key that is not accepted
    milliseconds refusals{8'000};     // an endpoint that refuses everything sees two requests in this
    milliseconds gap{50};             // between the requests of a bisection that gets on
    unsigned refusals_in_a_row = 16;  // then a bisection gives up
    std::size_t known_together = 8;   // more known bad series than this are set aside without looking at each
    unsigned stuck_attempts = 5;      // a batch that an error met so often,
    milliseconds stuck_time{60'000};  // over so long, may itself be what breaks the receiver
    milliseconds memory{600'000};     // how long a bad series, or that everything is refused, is believed
    unsigned encodings = 3;           // attempts in a row to agree on a format
};

/// Where we may deviate from remote_write's "MUST NOT retry 4xx"; an owner can switch each off.
struct RuleSwitches {
    bool probe_on_denied = true;
    bool split_on_413 = true;
    bool bisect_on_400 = true;
};

/// Why samples were dropped. The names stand in status/snapshot.hpp.
enum class Dropped { refused, set_aside, too_large, other_status };

struct Step {
    enum class Kind {
        delivered,
        again,         // the same samples, as they are
        encode_again,  // the same samples in the format that the backend speaks now
        read_again,    // fewer samples from the same place of the log
        halve,         // both halves, each by itself
        look_closer,   // another part of the batch, or a half of this one: Bisection::refused()
        rejoin,        // both halves were refused as well: together again
        drop,          // these samples are done with
        drop_refused,  // and with them all parts of the batch that were refused as they were
        drop_batch,    // and with them all that is left of the batch
    };
    Kind kind;
    milliseconds wait{0};               // before the next request, whatever it holds
    Dropped reason = Dropped::refused;  // of the kinds that drop
};

class Rules {
  public:
    /// What was sent: the part of the batch that the verdict is about.
    struct Sent {
        std::size_t samples, series_known;  // series_known: 0, or how many known bad series it consists of
        bool whole;                         // the whole batch
        bool alone;                         // one series
    };

    Rules(RuleLimits limits,
          RuleSwitches switches,
          std::size_t batch_samples,
          std::function<double()> random);

    /// A batch begins: what was seen of parts of the one before is forgotten.
    void begin_batch() { batch_ = {}; }
    Step after(const Verdict& verdict, const Sent& sent, Moment now);

    std::size_t batch_samples() const { return limit_.samples(); }
    /// The receiver did not take the last attempt: whether it can be reached is to be found out quickly.
    bool probing() const { return backoff_.failures() > 0; }
    /// It took nothing of a whole bisection, and nothing since.
    bool refuses_everything() const { return hopeless_since_.has_value(); }

  private:
    struct OfBatch {
        bool taken_some = false;
        unsigned halves = 0;      // of a part that an error keeps meeting: how many were sent; 0: none is
        bool half_taken = false;  // one of them was taken: it is the samples, not the receiver
        unsigned errors = 0;      // answers in a row to the same samples
        Moment first_error{};
    };
    Step delivered(const Sent& sent);
    Step taken_in_part(const Sent& sent);
    Step error(const Verdict& verdict, const Sent& sent, Moment now);
    Step too_large(const Sent& sent, Moment now);
    Step refused(const Sent& sent, Moment now);
    Step dropped(Dropped reason, Moment now);
    Step isolate(const Sent& sent) const;
    milliseconds refusal(Moment now);

    RuleLimits limits_;
    RuleSwitches switches_;
    Backoff backoff_;
    RefusalPace pace_;
    BatchLimit limit_;
    OfBatch batch_;
    unsigned in_a_row_ = 0;   // refusals since something was taken or given up
    unsigned encodings_ = 0;  // in a row
    std::optional<Moment> hopeless_since_;
};

}  // namespace pifleet::forwarder
