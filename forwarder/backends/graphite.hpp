// Graphite's plain text over TCP or TLS. There is no answer: a batch counts as delivered once the receiver's
// machine has acknowledged every byte. What its program may not have read yet is remembered for a while, and
// sent again when the connection turns out to be gone; that is safe, because a value overwrites itself.
#pragma once

#include "common/http/connection.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/sent_series.hpp"
#include "forwarder/backends/write_relabeling.hpp"

#include <deque>
#include <memory>
#include <string>

namespace pifleet::forwarder {

class Graphite final : public Backend {
  public:
    Graphite(const BackendConfig& config, const BackendContext& context);

    std::string_view name() const override { return config_.name; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable& series) override;
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;

  private:
    using Clock = std::chrono::steady_clock;
    struct Written {
        std::string lines;
        Clock::time_point when;
    };
    SentSeries sent(const SeriesTable& series) const { return {series, relabeling_, external_, metadata_}; }
    Result<std::string> prefix() const;
    boost::asio::awaitable<Result<void>> open(const AttemptLimits& limits);
    boost::asio::awaitable<Result<void>> write(const std::string& lines, const AttemptLimits& limits);
    boost::asio::awaitable<Result<void>> acknowledged(const AttemptLimits& limits);
    void forget();

    BackendConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    const MetadataTable& metadata_;
    boost::asio::any_io_executor executor_;
    http::Url origin_;
    std::unique_ptr<http::Connection> connection_;
    std::deque<Written> written_;  // lately, the oldest first
    std::size_t written_bytes_ = 0;
};

}  // namespace pifleet::forwarder
