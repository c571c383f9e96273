// Prometheus remote_write 1.0 and 2.0 over HTTP: snappy-compressed protobuf. What the answers mean:
// http_verdict.hpp. Many receivers of 1.0 answer 2xx to 2.0 and store nothing: without a …-Written header
// such an answer is none, the batch goes again as 1.0 and the receiver gets 1.0 from there on.
#pragma once

#include "common/http/client.hpp"
#include "forwarder/auth/client.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/legacy_names.hpp"
#include "forwarder/backends/write_relabeling.hpp"
#include "forwarder/config/config.hpp"
#include "forwarder/series/metadata.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <string>

namespace pifleet::forwarder {

class RemoteWrite final : public Backend {
  public:
    /// `external` labels, sorted by name, go with every series. The metadata must outlive the backend.
    RemoteWrite(boost::asio::any_io_executor executor,
                RemoteWriteConfig config,
                OwnedLabels external,
                const MetadataTable& metadata);

    std::string_view name() const override { return config_.name; }
    std::size_t leave_out(std::vector<Sample>& batch, const SeriesTable& series) override {
        return relabeling_.leave_out(batch, series);
    }
    std::size_t leave_out_collisions(std::vector<Sample>& batch, const SeriesTable& series) override;
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;
    void reloaded() override;

  private:
    Result<PreparedRequest> request(const Encoded& batch) const;
    Verdict fall_back(const http::Response& answer);
    bool metadata_due() const;
    boost::asio::awaitable<void> send_metadata(std::chrono::steady_clock::time_point deadline);

    RemoteWriteConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    LegacyNames names_;  // of 1.0; 2.0 takes names as they are
    const MetadataTable& metadata_;
    AuthorizedClient client_;
    WriteMessage message_;           // what is sent; v1 after a fallback
    bool proven_ = false;            // the receiver has understood a 2.0 request
    bool metadata_refused_ = false;  // no more of it to this receiver
    std::chrono::steady_clock::time_point next_metadata_{};
    // What encode() compresses. Kept for its room: to give it back and take it again is a page fault a page.
    mutable std::string raw_;
};

/// Whether an answer to a 2.0 request says that the receiver does not know 2.0. `proven`: it has understood
/// one before.
bool means_not_understood(const http::Response& answer, bool proven);

}  // namespace pifleet::forwarder
