// Wiring: who hands what to whom. Targets' loops put records into the log, backends' senders take them out; a
// reload keeps what did not change.
#pragma once

#include "forwarder/config/config.hpp"
#include "forwarder/delivery/sender.hpp"
#include "forwarder/discovery/discovery.hpp"
#include "forwarder/guard/clock_watch.hpp"
#include "forwarder/guard/held_records.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/scrape/target_pool.hpp"
#include "forwarder/series/metadata.hpp"
#include "forwarder/series/series_table.hpp"
#include "forwarder/status/snapshot.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace pifleet::forwarder {

class Pipeline {
  public:
    /// What samples that wait for a backend may take in memory.
    static constexpr std::size_t queue_bytes = 32 * 1024 * 1024;
    /// And what is held until the clock can be trusted.
    static constexpr std::size_t held_bytes = 16 * 1024 * 1024;

    /// `folder`: where what waits is kept when it must be; none: in memory only.
    Pipeline(boost::asio::io_context& io,
             std::string config_file,
             std::unique_ptr<Folder> folder,
             StoreOptions storage);
    ~Pipeline();

    /// Reads the configuration file and makes it so. With an error nothing has changed; the error is all
    /// faults.
    Result<void> load();

    /// Ends scraping, gives every backend one more attempt, writes what is left to the folder, then calls
    /// `ended`: within a second, whatever the backends do.
    void stop(std::function<void()> ended);

    status::Snapshot snapshot() const;
    /// What the pages of the targets say of their families.
    std::vector<status::TargetFamilies> families() const;
    /// The configuration in use, in YAML without its secrets.
    std::string shown_config() const;

  private:
    struct Backend {
        BackendConfig config;
        Pairs external_labels;
        std::shared_ptr<Sender> sender;
        Sender* waits_for =
            nullptr;  // the one of the same name that has not ended yet: this one is not started before
    };
    void apply_backends(const Config& config);
    std::shared_ptr<Sender> make_sender(const BackendConfig& config, const Pairs& external_labels);
    void start_sender(const std::shared_ptr<Sender>& sender);
    void append(Record record);
    void hand_over(Record record);
    void clock_trusted();
    void recall_held();
    void keep_held();
    void sender_ended(const Sender* sender);
    void offload(Work work, std::function<void(const Result<void>&)> done);
    void tick();

    boost::asio::io_context& io_;
    std::string config_file_;
    SeriesTable series_;
    MetadataTable metadata_;
    StoreOptions storage_;
    std::unique_ptr<Folder> folder_;
    SampleLog log_{queue_bytes, &series_};
    ClockGuard guard_;
    HeldRecords held_{held_bytes};
    std::vector<SeriesId> recalled_;  // uses of the series in what was held before this start
    Discovery discovery_;
    TargetPool targets_;
    std::shared_ptr<ClockWatch> clock_;
    std::mt19937 random_{std::random_device{}()};
    std::shared_ptr<const Config> config_;
    std::vector<Backend> backends_;
    std::size_t senders_running_ = 0;
    std::function<void()> ended_;  // set by stop()
    boost::asio::steady_timer stop_timer_, tick_timer_;
    boost::asio::thread_pool disk_{1};  // for what may take seconds: syncs
    std::int64_t started_ms_, loaded_ms_ = 0;
    std::string load_error_;  // of the last load(); empty when it took
};

}  // namespace pifleet::forwarder
