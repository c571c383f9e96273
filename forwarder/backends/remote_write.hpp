// Prometheus remote_write 1.0 and 2.0 over HTTP: snappy-compressed protobuf. What the answers mean:
// http_verdict.hpp. Many receivers of 1.0 answer 2xx to 2.0 and store nothing: without a …-Written header
// such an answer is none, the batch goes again as 1.0 and the receiver gets 1.0 from there on.
// VictoriaMetrics takes 1.0 packed by zstd, which makes it smaller by half; who does not take it gets snappy
// from there on.
#pragma once

#include "common/http/client.hpp"
#include "forwarder/auth/client.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/legacy_names.hpp"
#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/config/config.hpp"
#include "forwarder/series/metadata.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pifleet::forwarder {

class RemoteWrite final : public Backend {
  public:
    RemoteWrite(const BackendConfig& config, const BackendContext& context);

    std::string_view name() const override { return config_.name; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable& series) override;
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;
    void reloaded() override;

  private:
    void change_labels(const std::vector<Sample>& batch, const SeriesTable& series);
    std::optional<Verdict> without_zstd(const Encoded& batch, const http::Response& answer);
    Result<PreparedRequest> request(const Encoded& batch) const;
    Verdict fall_back(const http::Response& answer);
    bool metadata_due() const;
    boost::asio::awaitable<void> send_metadata(std::chrono::steady_clock::time_point deadline);

    BackendConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    LegacyNames names_;  // of 1.0; 2.0 takes names as they are
    const MetadataTable& metadata_;
    AuthorizedClient client_;
    WriteMessage message_;      // what is sent; v1 after a fallback
    bool proven_ = false;       // the receiver has understood a 2.0 request
    bool zstd_ = false;         // bodies of 1.0 are packed so; false after a fallback
    bool zstd_proven_ = false;  // the receiver has taken one
    bool newrelic_types_ = false, fold_labels_ = false;
    bool metadata_refused_ = false;  // no more of it to this receiver
    std::chrono::steady_clock::time_point next_metadata_{};
    // What encode() compresses. Kept for its room: to give it back and take it again is a page fault a page.
    mutable std::string raw_;
};

/// Whether an answer to a 2.0 request says that the receiver does not know 2.0. `proven`: it has understood
/// one before.
bool means_not_understood(const http::Response& answer, bool proven);

}  // namespace pifleet::forwarder
