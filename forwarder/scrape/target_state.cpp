#include "forwarder/scrape/target_state.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace pifleet::forwarder {

namespace {

SeriesId acquire_report_series(SeriesTable& series, const Target& target, std::string_view name) {
    std::vector<metrics::Label> labels{
        {"__name__", name}};  // sorts before every label name but those with capitals
    for (const auto& [key, value] : target.labels) labels.push_back({key, value});
    std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return series.acquire(labels);
}

}  // namespace

TargetState::TargetState(const Target& target, SeriesTable& series, MetadataTable& metadata)
    : series_(series),
      metadata_(metadata),
      cache_(series, {target.labels, target.job->honor_labels}),
      honor_timestamps_(target.job->honor_timestamps),
      sample_limit_(target.job->sample_limit > 0 ? static_cast<std::size_t>(target.job->sample_limit)
                                                 : std::numeric_limits<std::size_t>::max()) {
    report_[up] = acquire_report_series(series, target, "up");
    report_[duration] = acquire_report_series(series, target, "scrape_duration_seconds");
    report_[scraped] = acquire_report_series(series, target, "scrape_samples_scraped");
    report_[kept] = acquire_report_series(series, target, "scrape_samples_post_metric_relabeling");
    report_[added] = acquire_report_series(series, target, "scrape_series_added");
}

void TargetState::begin(std::int64_t time_ms) {
    time_ms_ = time_ms;
    fresh_ = 0;
    samples_.clear();
    cache_.begin();
}

Result<void> TargetState::on_sample(const metrics::SampleLine& line) {
    const auto found = cache_.find(line.series);
    if (!found) return found.error();
    if (found->duplicate) {
        ++duplicates_;
        return {};
    }
    if (samples_.size() == sample_limit_)
        return failure("more than " + std::to_string(sample_limit_) + " samples (sample_limit)");
    if (found->fresh) ++fresh_;
    const bool timed = line.timestamp_ms.has_value() && honor_timestamps_;
    cache_.mark_timed(timed);
    samples_.push_back({line.value_bits, timed ? *line.timestamp_ms : time_ms_, found->id});
    return {};
}

void TargetState::end_series(SeriesId id, Record& record) const {
    record.samples.push_back({metrics::stale_marker_bits, time_ms_, id});
}

Record TargetState::report(bool good, double seconds) {
    Record record;
    const auto add = [&](Report which, double value) {
        record.samples.push_back({std::bit_cast<std::uint64_t>(value), time_ms_, report_[which]});
    };
    if (good)
        record.samples = samples_;  // a copy of the right size; samples_ keeps its room for the next scrape
    add(up, good ? 1 : 0);
    add(duration, seconds);
    add(scraped, good ? static_cast<double>(samples_.size()) : 0);
    add(kept, good ? static_cast<double>(samples_.size()) : 0);
    add(added, good ? static_cast<double>(fresh_) : 0);
    reported_ = true;
    return record;
}

Record TargetState::succeed(double seconds, std::uint64_t mark) {
    auto record = report(true, seconds);
    cache_.commit(mark, [&](SeriesId id) { end_series(id, record); });
    return record;
}

Record TargetState::fail(double seconds, std::uint64_t mark) {
    auto record = report(false, seconds);
    cache_.fail(mark, [&](SeriesId id) { end_series(id, record); });
    return record;
}

Record TargetState::retire(std::int64_t time_ms, std::uint64_t mark) {
    Record record;
    time_ms_ = time_ms;
    cache_.begin();
    cache_.fail(mark, [&](SeriesId id) { end_series(id, record); });
    cache_.release_all(mark);
    for (const auto id : report_) {
        if (reported_) end_series(id, record);
        series_.release(id, mark);
    }
    return record;
}

}  // namespace pifleet::forwarder
