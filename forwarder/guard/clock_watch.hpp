// The clock guard's eyes: the clocks of this machine, the kernel's word about them, and, while that is not
// enough, the Date of another host.
#pragma once

#include "common/http/url.hpp"
#include "forwarder/guard/clock_guard.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pifleet::forwarder {

/// The clocks now. `sysfs` is where /sys is. Whether the time was kept is looked up only when it is asked
/// for.
ClockReading read_clocks(const std::string& sysfs, bool look_up_kept);

/// Whether this may be another host, whose Date says something: not a loopback address and not this host's
/// name.
bool may_be_another_host(const http::Url& url);

class ClockWatch : public std::enable_shared_from_this<ClockWatch> {
  public:
    /// `trusted` is called each time the clock has become trusted. The guard must outlive the loop.
    ClockWatch(boost::asio::io_context& io, ClockGuard& guard, std::function<void()> trusted);

    /// From now on these options, and this host's Date. The clock is looked at before it returns.
    void configure(const ClockGuardOptions& options, std::optional<http::Url> date_host);
    void stop();

    /// The time for a sample of now; see ClockGuard::stamp.
    std::int64_t stamp();

  private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> ask();
    void look();
    void tell(ClockGuard::Trust before);

    boost::asio::io_context& io_;
    ClockGuard& guard_;
    std::function<void()> trusted_;
    std::optional<http::Url> date_host_;
    boost::asio::steady_timer timer_;
    std::chrono::steady_clock::time_point next_ask_{};
    bool running_ = false, stopped_ = false, told_ = false;
};

}  // namespace pifleet::forwarder
