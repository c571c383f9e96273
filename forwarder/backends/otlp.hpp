// OTLP/HTTP: protobuf to /v1/metrics. What a receiver has not taken of a request that it answered with
// success (partial_success) is dropped, as the specification asks: it would not take it the next time.
#pragma once

#include "forwarder/backends/encoder.hpp"
#include "forwarder/backends/otlp_request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct OtlpOptions {
    otlp::RequestOptions request;
    bool prometheus_names = false;
};

class OtlpEncoder final : public Encoder {
  public:
    explicit OtlpEncoder(OtlpOptions options) : options_(std::move(options)) {}

    std::string_view content_type() const override { return "application/x-protobuf"; }
    TellableValues values() const override { return {.nan = true, .infinite = true, .stale = true}; }
    const NameRules* names() const override;
    std::optional<Deltas> counters() const override {
        return Deltas(options_.request.delta ? Deltas::Send::increase : Deltas::Send::total);
    }
    std::size_t whole(std::span<const Sample> batch, const SentSeries& series) const override;
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SentSeries& series) const override;
    void encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const override;
    Verdict judge(const http::Response& answer,
                  std::size_t samples,
                  std::chrono::system_clock::time_point now) const override;

  private:
    OtlpOptions options_;
};

namespace otlp {

/// What an answer's body says: of a success how many data points it lost and why, of an error why.
struct Said {
    std::uint64_t rejected = 0;
    std::string message;
};
Said read_success(std::string_view body);
Said read_error(std::string_view body);

}  // namespace otlp

}  // namespace pifleet::forwarder
