#include "forwarder/sample_log/store.hpp"

#include "common/process/log.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::uint64_t most_segment_bytes = 4 << 20, least_segment_bytes = 64 << 10;
constexpr std::chrono::seconds retry_after{30}, sync_every{10};

}  // namespace

Result<SyncPolicy> parse_sync_policy(std::string_view text) {
    if (text == "interval") return SyncPolicy::interval;
    if (text == "never") return SyncPolicy::never;
    if (text == "always") return SyncPolicy::always;
    return failure("'" + std::string(text) + "' is no sync policy, expected interval, never or always");
}

Store::Store(Folder& folder, SeriesTable& series, StoreOptions options, Offload offload)
    : folder_(folder), series_(series), options_(options), offload_(std::move(offload)), cursors_(folder) {}

bool Store::failed(const Error& error, Time now) {
    if (!retry_at_)
        log::error(
            "the disk does not take samples; those that wait are kept in memory, and it is tried again every "
            "30 s",
            {{"error", error}});
    retry_at_ = now + retry_after;
    abandon_writer();
    return false;
}

// What it wrote stays readable; the next write begins a new segment.
void Store::abandon_writer() {
    if (!writer_) return;
    if (dirty_ && options_.sync != SyncPolicy::never) finished_.push_back(writer_->file());
    const bool nothing = writer_->size() == 0;
    writer_.reset();
    if (!nothing) return;
    static_cast<void>(folder_.remove(segments_.back().name));
    segments_.pop_back();
}

bool Store::begin_segment(std::uint64_t first, const Places& places, Time now) {
    abandon_writer();
    // First who is where: without it a restart would not know what the segment's samples are to whom.
    if (auto saved = cursors_.save(places); !saved) return failed(saved.error(), now);
    const auto name = segment_name(first);
    auto file = folder_.open(name, Folder::Open::fresh);
    if (!file) return failed(file.error(), now);
    writer_ = std::make_unique<SegmentWriter>(std::move(*file), series_, compressor_);
    segments_.push_back({name, {first, first}, 0, 0});
    names_dirty_ = true;
    return true;
}

bool Store::write(std::uint64_t first, std::span<const Sample> samples, const Places& places, Time now) {
    if (samples.empty()) return true;
    if (retry_at_ && now < *retry_at_) return false;
    const auto most = std::clamp(options_.most_bytes / 8, least_segment_bytes, most_segment_bytes);
    if ((!writer_ || writer_->size() >= most) && !begin_segment(first, places, now)) return false;
    const auto before = writer_->size();
    if (auto written = writer_->write(first, samples); !written) return failed(written.error(), now);
    auto& segment = segments_.back();
    segment.bytes = writer_->size();
    segment.range.end = first + samples.size();
    segment.newest_ms = samples.back().time_ms;
    bytes_ += segment.bytes - before;
    dirty_ = true;
    if (std::exchange(retry_at_, std::nullopt))
        log::info("the disk takes samples again", {{"path", folder_.path()}});
    if (!synced_at_) synced_at_ = now;
    if (options_.sync == SyncPolicy::always) sync_now();
    return true;
}

void Store::save_places(const Places& places) {
    if (empty()) return;
    // A place that cannot be saved costs a repeat after a crash, no more; the disk's trouble is said by
    // write().
    static_cast<void>(cursors_.save(places));
    if (options_.sync == SyncPolicy::always) sync_now();
}

std::optional<Range> Store::segment_at(std::uint64_t sample) const {
    const auto found =
        std::partition_point(segments_.begin(), segments_.end(), [sample](const Segment& segment) {
            return segment.range.end <= sample;
        });
    if (found == segments_.end()) return {};
    return found->range;
}

std::uint64_t Store::size_of(std::uint64_t first) const {
    for (const auto& segment : segments_)
        if (segment.range.first == first) return segment.bytes;
    return 0;
}

Result<std::unique_ptr<SegmentReader>> Store::open(std::uint64_t first) const {
    auto file = folder_.open(segment_name(first), Folder::Open::read);
    if (!file) return file.error();
    return std::make_unique<SegmentReader>(std::move(*file), series_);
}

void Store::remove_front() {
    if (writer_ && segments_.size() == 1) {
        writer_.reset();
        compressor_.rest();
        dirty_ = false;
    }
    if (auto removed = folder_.remove(segments_.front().name); !removed)
        log::warn("a segment that is done with cannot be removed", {{"error", removed.error()}});
    bytes_ -= segments_.front().bytes;
    segments_.pop_front();
}

void Store::drop_before(std::uint64_t sample, bool finished) {
    if (empty()) return;
    while (!empty() && segments_.front().range.end <= sample && (finished || segments_.size() > 1))
        remove_front();
    if (!empty()) return;
    synced_at_.reset();
    finished_.clear();
    // Segments before cursors, also after a power cut: else everything that is done with would be sent again.
    offload_([&folder = folder_] { return folder.sync(); },
             [this](const Result<void>& outcome) {
                 if (outcome && empty()) cursors_.remove();
             });
}

std::optional<Range> Store::drop_excess() {
    if (empty()) return {};
    const auto& oldest = segments_.front();
    const auto age = segments_.back().newest_ms - oldest.newest_ms;
    if (bytes_ <= options_.most_bytes && (segments_.size() == 1 || age <= options_.most_age.count()))
        return {};
    const auto range = oldest.range;
    remove_front();
    return range;
}

std::vector<std::shared_ptr<File>> Store::unsynced() {
    auto files = std::exchange(finished_, {});
    if (writer_ && std::exchange(dirty_, false)) files.push_back(writer_->file());
    return files;
}

void Store::tick(Time now) {
    if (options_.sync != SyncPolicy::interval || syncing_ || !synced_at_ || now - *synced_at_ < sync_every)
        return;
    synced_at_ = now;
    const auto places = cursors_.unsynced();
    const bool names = cursors_.unsynced_name() || names_dirty_;
    names_dirty_ = false;
    cursors_.begin_sync();
    auto files = unsynced();
    if (files.empty() && !places) return;
    syncing_ = true;
    offload_(
        [files = std::move(files), places, names, &folder = folder_]() -> Result<void> {
            for (const auto& file : files)
                if (auto synced = file->sync(); !synced) return synced;
            if (places)
                if (auto synced = places->sync(); !synced) return synced;
            if (names) return folder.sync();
            return {};
        },
        [this, places](const Result<void>& outcome) {
            syncing_ = false;
            after_sync(outcome, places);
        });
}

void Store::after_sync(const Result<void>& outcome, const std::shared_ptr<File>& places) {
    if (outcome) {
        sync_fails_ = false;
        return cursors_.synced(places);
    }
    // What the kernel dropped it will not tell again: what comes now goes to a new file.
    if (!std::exchange(sync_fails_, true))
        log::warn("a segment could not be synced; a new one is begun each time until one can be",
                  {{"error", outcome.error()}});
    abandon_writer();
}

void Store::sync_now() {
    if (options_.sync == SyncPolicy::never || empty()) return;
    const auto places = cursors_.unsynced();
    const bool names = cursors_.unsynced_name() || names_dirty_;
    names_dirty_ = false;
    cursors_.begin_sync();
    Result<void> outcome;
    const auto note = [&outcome](const Result<void>& synced) {
        if (!synced) outcome = synced;
    };
    for (const auto& file : unsynced()) note(file->sync());
    if (places) note(places->sync());
    if (names) note(folder_.sync());
    after_sync(outcome, places);
}

}  // namespace pifleet::forwarder
