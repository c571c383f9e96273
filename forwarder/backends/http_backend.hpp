// A backend that POSTs what an Encoder writes.
#pragma once

#include "forwarder/auth/client.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/encoder.hpp"
#include "forwarder/backends/write_relabeling.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pifleet::forwarder {

class HttpBackend final : public Backend {
  public:
    /// `preset`: how bodies are packed where the configuration does not say.
    HttpBackend(const BackendConfig& config,
                const BackendContext& context,
                std::unique_ptr<Encoder> encoder,
                Compression preset = Compression::gzip);

    std::string_view name() const override { return config_.name; }
    void begins_at(Cursor place) override;
    std::size_t whole(std::span<const Sample> batch, const SeriesTable& series) override;
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable& series) override;
    void batch_done() override;
    void ends_at(Cursor place) override;
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;

  private:
    SentSeries sent(const SeriesTable& series) const {
        return {series,
                relabeling_,
                external_,
                metadata_,
                names_ ? &*names_ : nullptr,
                deltas_ ? &*deltas_ : nullptr};
    }
    std::string state_file() const;
    http::Request request(const Encoded& batch) const;

    BackendConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    const MetadataTable& metadata_;
    std::string state_folder_;
    std::unique_ptr<Encoder> encoder_;
    std::optional<LegacyNames> names_;
    std::optional<Deltas> deltas_;
    Compression compression_;
    AuthorizedClient client_;
};

}  // namespace pifleet::forwarder
