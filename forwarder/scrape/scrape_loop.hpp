// The loop of one target: waits for its turn, fetches the page over one kept connection, reads it as it
// streams in, hands over a record.
#pragma once

#include "common/http/client.hpp"
#include "forwarder/auth/client.hpp"
#include "forwarder/scrape/target_state.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pifleet::forwarder {

/// What the page and /metrics show of a target.
struct ScrapeStatus {
    enum class Health { unknown, up, down };
    Health health = Health::unknown;
    std::int64_t time_ms = 0;  // when the last scrape began, since the epoch
    double seconds = 0;        // how long it took
    std::size_t samples = 0;   // on the last page
    std::int64_t bytes = 0;    // of the last page, decoded; -1: more than the limit
    std::string error;         // of the last scrape; empty when it went well
    std::uint64_t scrapes = 0, failures = 0;
};

class ScrapeLoop : public std::enable_shared_from_this<ScrapeLoop> {
  public:
    struct Surroundings {  // handed in; must outlive the loop
        boost::asio::io_context& io;
        SeriesTable& series;
        MetadataTable& metadata;
        std::function<std::int64_t()> now_ms;  // wall clock, since the epoch, as it is
        std::function<std::int64_t()> stamp;   // the time that samples of now get
        std::function<std::uint64_t()> mark;   // the number that the next record will have, plus one
        std::function<void(Record)> deliver;   // takes what a scrape yields
    };

    ScrapeLoop(std::shared_ptr<const ScrapeConfig> job, Target target, const Surroundings& around);

    /// The first scrape is at once, later ones at the target's own place within the interval.
    void start();
    /// Ends the loop. `retire`: the target is gone for good, its series get stale markers.
    void stop(bool retire);

    /// The same target as discovery sees it now: scraped as before.
    void set_discovered(Pairs labels) { target_.discovered = std::move(labels); }

    /// From now on scrapes fail for this reason, without a request; empty: they are as ever.
    void refuse(std::string why) { refusal_ = std::move(why); }

    const Target& target() const { return target_; }
    const ScrapeConfig& job() const { return *job_; }
    const ScrapeStatus& status() const { return status_; }
    const TargetState& state() const { return *state_; }

  private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<Result<void>> fetch(metrics::PageHandler& page, std::int64_t& body_bytes);
    boost::asio::awaitable<Result<void>> learn_node_name(std::int64_t& body_bytes);
    boost::asio::awaitable<void> scrape();
    std::chrono::steady_clock::time_point next_turn(std::chrono::steady_clock::time_point now) const;

    std::shared_ptr<const ScrapeConfig> job_;
    Target target_;
    Surroundings around_;
    std::optional<TargetState> state_;  // always there; another one when the target's labels become known
    AuthorizedClient client_;
    boost::asio::steady_timer timer_;
    ScrapeStatus status_;
    std::chrono::milliseconds offset_;
    std::string refusal_;
    bool name_open_;  // the target's node_name is not known yet
    bool stopped_ = false;
};

}  // namespace pifleet::forwarder
