// The seam for anything that takes samples: it encodes a batch and sends what it encoded, and it reads the
// answer. Retry, backoff, counting and order are written once, above all backends (delivery/).
#pragma once

#include "common/base/result.hpp"
#include "forwarder/backends/left_out.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// What an answer means for the batch. What is done about it is decided above all backends:
/// delivery/rules.hpp.
struct Verdict {
    enum class Kind {
        delivered,
        retry,           // the receiver is away, busy or broken: the same batch again, later
        denied,          // the key is wrong (401, 403): kept, because a key can be mended
        too_large,       // the receiver takes less at a time (413)
        refused,         // something in the batch is not to the receiver's liking (400)
        dropped,         // the receiver will never take this batch (other 4xx)
        not_understood,  // the receiver speaks another format; from now on encode() gives that one
    };
    Kind kind = Kind::delivered;
    std::string reason = {};                             // for the page and the log; empty when delivered
    std::optional<std::chrono::milliseconds> wait = {};  // what the receiver asked for (Retry-After)
    bool answered = false;  // of a retry: the receiver said so itself, it was not the way to it
    std::uint64_t written =
        0;  // of a batch that is dropped: samples that the receiver says it has kept all the same
};

/// What one attempt may take.
struct AttemptLimits {
    std::chrono::steady_clock::time_point deadline;  // of the whole
    std::chrono::milliseconds connect{10'000};       // each step of connecting
};

/// A batch in the backend's own format, ready to be sent as often as it takes.
struct Encoded {
    std::string body;
    unsigned format = 0;      // which one, for a backend that has several
    std::size_t samples = 0;  // in it
};

class Backend {
  public:
    virtual ~Backend() = default;

    /// What the page and the logs call it; holds no secret.
    virtual std::string_view name() const = 0;

    /// Before the first batch: where in the log it begins; the highest number: nothing waits.
    virtual void begins_at(Cursor /*place*/) {}

    /// How many samples of a batch, from its first one on, can go without tearing apart what belongs together
    /// in the backend's format; the others come with the next batch. None is as good as all.
    virtual std::size_t whole(std::span<const Sample> batch, const SeriesTable& /*series*/) {
        return batch.size();
    }

    /// Takes out of a batch what this backend is not to get, before anything of it is encoded, and may put
    /// other values in place of those that are there; gives how many samples were taken out, and why. What it
    /// remembers of them counts from batch_done() on: until then the same samples may come again, or the
    /// first ones of them, in place of all that came since.
    virtual LeftOutCounts leave_out(std::vector<Sample>& /*batch*/, const SeriesTable& /*series*/) {
        return {};
    }

    /// The batch is done with, whatever became of it: what comes next stands behind it in the log.
    virtual void batch_done() {}

    /// After the last batch: where in the log the next start goes on, if nothing goes wrong in between.
    virtual void ends_at(Cursor /*place*/) {}

    /// The same samples give the same bytes, as long as the backend's format stays the same. Samples of one
    /// series stand in the order of their times.
    virtual Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const = 0;

    /// One attempt. Never throws; what fails on the way is a verdict.
    virtual boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) = 0;

    /// The owner has looked at the configuration again: what the backend concluded about its receiver is open
    /// again.
    virtual void reloaded() {}
};

}  // namespace pifleet::forwarder
