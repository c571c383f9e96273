// The seam for a protocol of one request and one answer over HTTP: what a body looks like and what an answer
// means. Pure: no clock, no socket. Everything else (which series, relabeling, packing, credentials, sending)
// is HttpBackend's.
#pragma once

#include "common/http/message.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/http_verdict.hpp"
#include "forwarder/backends/sent_series.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// Which values a format can tell. The others are left out before anything is encoded, and counted.
struct TellableValues {
    bool nan = false;  // a NaN that is no stale marker
    bool infinite = false;
    bool stale = false;
};

class Encoder {
  public:
    virtual ~Encoder() = default;

    virtual std::string_view content_type() const = 0;
    /// Headers of the protocol itself, besides Content-Type, Content-Encoding and credentials.
    virtual std::vector<http::Header> headers() const { return {}; }
    virtual TellableValues values() const { return {}; }
    /// What names and labels have to look like; null: they go as they are.
    virtual const NameRules* names() const { return nullptr; }
    /// Account is kept of counters where the format asks for it; nothing: it does not.
    virtual std::optional<Deltas> counters() const { return {}; }
    /// See Backend::whole().
    virtual std::size_t whole(std::span<const Sample> batch, const SentSeries& /*series*/) const {
        return batch.size();
    }
    /// Takes out samples that the format has no words for. Called before encode(), and before counters have
    /// become increases.
    virtual LeftOutCounts leave_out(std::vector<Sample>& /*batch*/, const SentSeries& /*series*/) const {
        return {};
    }

    /// Appends the body, not packed. The same samples give the same bytes. Samples of one series stand in the
    /// order of their times.
    virtual void encode(std::span<const Sample> samples,
                        const SentSeries& series,
                        std::string& out) const = 0;

    /// What the answer to so many samples means: by default its status says it all (http_verdict.hpp).
    virtual Verdict judge(const http::Response& answer,
                          std::size_t /*samples*/,
                          std::chrono::system_clock::time_point now) const {
        return verdict_of(answer, now);
    }
};

}  // namespace pifleet::forwarder
