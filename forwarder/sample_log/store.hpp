// The log's part on the disk: a row of segment files, the newest of which grows while the log spills. A
// process never adds to a segment of a former one. Whatever fails on the disk stops nothing: writing says no,
// and tries again later.
#pragma once

#include "forwarder/sample_log/cursors.hpp"
#include "forwarder/sample_log/segment_reader.hpp"
#include "forwarder/sample_log/segment_writer.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace pifleet::forwarder {

enum class SyncPolicy {
    interval,  // every 10 s while there is something new on the disk: a power cut takes no more
    never,     // when the kernel likes, half a minute perhaps
    always,    // after every scrape and every cursor
};
/// "interval", "never", "always"; anything else is an error that says so.
Result<SyncPolicy> parse_sync_policy(std::string_view text);

struct StoreOptions {
    std::uint64_t most_bytes = 256 << 20;  // of segment files
    std::chrono::milliseconds most_age{std::chrono::hours(7 * 24)};
    SyncPolicy sync = SyncPolicy::interval;
};

/// Runs `work` where it may take seconds (another thread), then `done` with its outcome where the log lives.
using Work = std::function<Result<void>()>;
using Offload = std::function<void(Work work, std::function<void(const Result<void>&)> done)>;

/// Samples by number: [first, end).
struct Range {
    std::uint64_t first = 0, end = 0;
};

class Store {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// `folder` and `series` must outlive the store and all work it has given away.
    Store(Folder& folder, SeriesTable& series, StoreOptions options, Offload offload);

    /// Finds what former processes left: the numbers of its samples, and where readers were (nothing: not
    /// known).
    Range recover();
    std::optional<Places> load_places() { return cursors_.load(); }

    bool empty() const { return segments_.empty(); }
    std::uint64_t bytes() const { return bytes_; }
    /// Of the newest sample of the newest segment; 0: there is none.
    std::int64_t newest_ms() const { return segments_.empty() ? 0 : segments_.back().newest_ms; }

    /// False: the disk does not take it now. The samples' numbers go on behind what was written last, gaps
    /// allowed.
    bool write(std::uint64_t first, std::span<const Sample> samples, const Places& places, Time now);
    void save_places(const Places& places);

    /// The samples of one segment: of the one that holds this number, or else the next one. Nothing: none
    /// from there on.
    std::optional<Range> segment_at(std::uint64_t sample) const;
    /// Opens the one that begins with this number.
    Result<std::unique_ptr<SegmentReader>> open(std::uint64_t first) const;
    std::uint64_t size_of(std::uint64_t first) const;

    /// Removes the segments that end at or before this number; the newest only when it is `finished`.
    void drop_before(std::uint64_t sample, bool finished);
    /// Removes the oldest segment if there are too many bytes or it is too old; gives what it held.
    std::optional<Range> drop_excess();

    /// Syncs, if it is time to, somewhere else.
    void tick(Time now);
    /// The next write is tried, whatever happened to the last one.
    void retry_now() { retry_at_ = std::nullopt; }
    /// Syncs here and now, unless the policy is never.
    void sync_now();

  private:
    struct Segment {
        std::string name;
        Range range;
        std::uint64_t bytes = 0;
        std::int64_t newest_ms = 0;
    };
    void recover_one(const std::string& name, std::uint64_t first);
    void measure(Segment& segment);
    bool begin_segment(std::uint64_t first, const Places& places, Time now);
    bool failed(const Error& error, Time now);
    void remove_front();
    void abandon_writer();
    void after_sync(const Result<void>& outcome, const std::shared_ptr<File>& places);
    std::vector<std::shared_ptr<File>> unsynced();

    Folder& folder_;
    SeriesTable& series_;
    StoreOptions options_;
    Offload offload_;
    Cursors cursors_;
    Compressor compressor_;
    std::deque<Segment> segments_;  // by number; the last one is the writer's, while there is a writer
    std::unique_ptr<SegmentWriter> writer_;
    std::uint64_t bytes_ = 0;
    std::optional<Time> retry_at_;  // the disk failed
    std::optional<Time> synced_at_;
    std::vector<std::shared_ptr<File>> finished_;  // written since the last sync, and closed by now
    bool dirty_ = false, names_dirty_ = false, syncing_ = false;
    bool sync_fails_ = false;  // and that has been said
};

}  // namespace pifleet::forwarder
