// Databases that speak PostgreSQL's protocol. libpq blocks and costs memory: it is in a module that is loaded
// when the first batch goes to one, and works in a thread of its own.
#pragma once

#include "common/base/blocking.hpp"
#include "forwarder/backends/backend.hpp"
#include "forwarder/backends/context.hpp"
#include "forwarder/backends/postgres/module.hpp"
#include "forwarder/backends/write_relabeling.hpp"

#include <memory>

namespace pifleet::forwarder {

class Postgres final : public Backend {
  public:
    Postgres(const BackendConfig& config, const BackendContext& context);

    std::string_view name() const override { return config_.name; }
    LeftOutCounts leave_out(std::vector<Sample>& batch, const SeriesTable& series) override;
    Encoded encode(std::span<const Sample> samples, const SeriesTable& series) const override;
    boost::asio::awaitable<Verdict> send(const Encoded& batch, const AttemptLimits& limits) override;

  private:
    struct Job;

    BackendConfig config_;
    OwnedLabels external_;
    WriteRelabeling relabeling_;
    const MetadataTable& metadata_;
    std::int64_t retention_days_;
    const PifleetSqlModule* module_ = nullptr;    // stays loaded, as the session's thread may be in it
    std::shared_ptr<PifleetSqlSession> session_;  // of the thread
    BlockingThreads thread_{1};
};

}  // namespace pifleet::forwarder
