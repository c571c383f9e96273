// The seam for anything that takes samples: it encodes a batch and sends what it encoded, and it reads the
// answer. Retry, backoff, counting and order are written once, above all backends (delivery/).
#pragma once

#include "common/base/result.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// What an answer means for the batch.
struct Verdict {
    enum class Kind {
        delivered,
        retry,    // the receiver is away, busy or broken: the same batch again, later
        denied,   // the key is wrong (401, 403): kept, because a key can be mended
        refused,  // the receiver will never take this batch
    };
    Kind kind = Kind::delivered;
    std::string reason = {};                             // for the page and the log; empty when delivered
    std::optional<std::chrono::milliseconds> wait = {};  // what the receiver asked for (Retry-After)
};

/// A batch in the backend's own format, ready to be sent as often as it takes.
struct Encoded {
    std::string body;
    std::size_t raw_bytes = 0;  // before compression
};

class Backend {
  public:
    using Deadline = std::chrono::steady_clock::time_point;
    virtual ~Backend() = default;

    /// What the page and the logs call it; holds no secret.
    virtual std::string_view name() const = 0;

    /// Pure: the same samples give the same bytes. Samples of one series stand in the order of their times.
    virtual Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const = 0;

    /// One attempt. Never throws; what fails on the way is a verdict.
    virtual boost::asio::awaitable<Verdict> send(const Encoded& batch, Deadline deadline) = 0;
};

}  // namespace pifleet::forwarder
