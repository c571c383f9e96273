// Prometheus remote_write 1.0 over HTTP: snappy-compressed protobuf. What the answers mean: http_verdict.hpp.
#pragma once

#include "common/http/client.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/write_request.hpp"
#include "forwarder/config/config.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace pifleet::forwarder {

class RemoteWrite final : public Backend {
  public:
    /// `external` labels, sorted by name, go with every series.
    RemoteWrite(boost::asio::any_io_executor executor, RemoteWriteConfig config, OwnedLabels external);

    std::string_view name() const override { return config_.name; }
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;

  private:
    Result<http::Request> request(const Encoded& batch) const;

    RemoteWriteConfig config_;
    OwnedLabels external_;
    http::Client client_;
};

}  // namespace pifleet::forwarder
