// All discoveries of a configuration: who is asked for which job, and when what they found is passed on.
#pragma once

#include "forwarder/discovery/refresh_loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace pifleet::forwarder {

using DiscoverySettings =
    std::variant<std::vector<TargetGroup>, DiscoveryConfig>;  // static_configs or another

class Discovery {
  public:
    /// Changes that come within this time are passed on together, so that a source that flaps does not keep
    /// the targets in motion. The first answer of a provider goes through at once.
    static constexpr std::chrono::seconds gap{1};

    /// `changed`: the groups of this job are others. Never called within apply().
    Discovery(boost::asio::io_context& io, std::function<void(const std::string& job)> changed);
    ~Discovery();

    /// Asks for the jobs of this configuration. A provider whose keys did not change goes on with what it
    /// knows; one in place of another of its kind has that one's groups until it answers.
    void apply(const Config& config);
    void stop();

    std::vector<DiscoveredGroup> groups(const std::string& job) const;
    std::vector<DiscoveryStatus> status() const;

  private:
    struct Entry {
        std::string job;
        DiscoverySettings settings;
        std::shared_ptr<RefreshLoop> loop;
    };
    void start(Entry& entry, std::vector<Entry>& gone);
    void note_change(const std::string& job, bool first);
    void pass_on();

    boost::asio::io_context& io_;
    std::function<void(const std::string& job)> changed_;
    std::vector<Entry> entries_;
    std::set<std::string> changed_jobs_;
    boost::asio::steady_timer timer_;
    std::chrono::steady_clock::time_point passed_on_{};
    bool applying_ = false, waiting_ = false;
};

}  // namespace pifleet::forwarder
