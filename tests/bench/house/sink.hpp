// The receiver of a house: takes remote_write 1.0, keeps the books, and is away, busy or a black hole when it
// is told to.
#pragma once

#include "common/base/result.hpp"
#include "common/http/server.hpp"
#include "tests/bench/house/black_hole.hpp"
#include "tests/bench/house/ledger.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace pifleet::bench {

struct SinkReport {
    Counts counts;
    std::uint64_t requests = 0, samples = 0, body_bytes = 0;  // with samples in them, and taken
    std::uint64_t metadata_requests = 0;                      // with nothing but metadata
    std::uint64_t turned_away = 0;                            // answered 429
    std::uint64_t broken = 0;                                 // not to be read: answered 400
    std::optional<std::int64_t> first_success_ms;             // since it last opened
};

class Sink {
  public:
    /// Not `sequenced`: values are anything and no ledger is kept.
    Sink(boost::asio::io_context& io, bool sequenced);

    /// Takes requests; the port is the same each time. Ends whatever outage there was.
    Result<void> open();
    /// Nobody listens: connections are refused.
    void refuse();
    /// Connections get no answer, as if the cable were cut.
    Result<void> black_hole();
    /// Answers 429, and in Retry-After how long.
    void busy(std::chrono::seconds time);

    std::uint16_t port() const { return port_; }
    SinkReport report() const;

  private:
    using Clock = std::chrono::steady_clock;
    http::Response answer(const http::Request& request);
    http::Response busy_answer();
    bool take(const std::string& body);

    boost::asio::io_context& io_;
    const bool sequenced_;
    std::uint16_t port_ = 0;
    std::unique_ptr<http::Server> server_;
    std::optional<BlackHole> hole_;
    std::optional<Clock::time_point> busy_until_;
    Clock::time_point opened_{};
    Ledger ledger_;
    SinkReport report_;
};

}  // namespace pifleet::bench
