#include "forwarder/scrape/target_state.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <string>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view report_names[] = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
};

SeriesId acquire_report_series(SeriesTable& series, const Target& target, std::string_view name) {
    std::vector<metrics::Label> labels{{"__name__", name}};
    const auto added = target.series_labels();
    for (const auto& [key, value] : added) labels.push_back({key, value});
    std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return series.acquire(labels);
}

PageLabels page_labels(const Target& target) {
    const auto limit = [](std::int64_t most) { return static_cast<std::size_t>(most); };
    const auto& job = *target.job;
    PageLabels rules;
    rules.added = target.series_labels();
    rules.honor = job.honor_labels;
    rules.relabeler = job.metric_relabel_configs;
    rules.legacy_names = job.protocols.validation == NameValidation::legacy;
    rules.most_labels = limit(job.label_limit);
    rules.most_name = limit(job.label_name_length_limit);
    rules.most_value = limit(job.label_value_length_limit);
    return rules;
}

}  // namespace

TargetState::TargetState(const Target& target, SeriesTable& series, MetadataTable& metadata)
    : series_(series),
      metadata_(metadata),
      job_(*target.job),
      timeout_(target.timeout),
      cache_(series, page_labels(target)),
      reports_(job_.extra_scrape_metrics ? most_reports : usual_reports) {
    static_assert(std::size(report_names) == most_reports);
    for (std::size_t i = 0; i < reports_; ++i)
        report_[i] = acquire_report_series(series, target, report_names[i]);
}

void TargetState::begin(std::int64_t time_ms) {
    time_ms_ = time_ms;
    scraped_ = kept_ = fresh_ = 0;
    record_ = {};
    cache_.begin();
}

Result<void> TargetState::on_sample(const metrics::SampleLine& line) {
    const auto found = cache_.find(line.series);
    if (!found) return found.error();
    ++scraped_;
    if (found->dropped) return {};
    ++kept_;
    if (job_.sample_limit > 0 && kept_ > static_cast<std::size_t>(job_.sample_limit))
        return failure("more than " + std::to_string(job_.sample_limit) + " samples (sample_limit)");
    if (found->fresh) ++fresh_;
    take(*found, line);
    return {};
}

void TargetState::take(const ScrapeCache::Found& found, const metrics::SampleLine& line) {
    if (line.timestamp_ms && job_.honor_timestamps) {
        switch (cache_.note_time(*line.timestamp_ms, job_.track_timestamps_staleness)) {
            case ScrapeCache::Order::newer:
                record_.timed.push_back({line.value_bits, *line.timestamp_ms, found.id});
                break;
            case ScrapeCache::Order::older:
                ++disordered_;
                break;
            case ScrapeCache::Order::same:  // a page that is not made anew at each scrape: nothing is wrong
                if (found.again) ++duplicates_;
        }
        return;
    }
    if (found.again) {
        ++duplicates_;
        return;
    }
    if (record_.readings.empty()) record_.readings.reserve(usual_ + reports_);
    record_.readings.push_back({line.value_bits, found.id});
}

Record TargetState::report(bool good, const FetchFigures& figures) {
    auto record = std::exchange(record_, {});
    if (!good) record = {};
    record.time_ms = time_ms_;
    usual_ = record.readings.size();
    const auto of_page = [good](std::size_t count) { return good ? static_cast<double>(count) : 0; };
    const double values[most_reports] = {
        good ? 1.0 : 0.0,
        figures.seconds,
        of_page(scraped_),
        of_page(kept_),
        of_page(fresh_),
        std::chrono::duration<double>(timeout_).count(),
        static_cast<double>(job_.sample_limit),
        static_cast<double>(figures.body_bytes),
    };
    for (std::size_t i = 0; i < reports_; ++i)
        record.readings.push_back({std::bit_cast<std::uint64_t>(values[i]), report_[i]});
    reported_ = true;
    return record;
}

Record TargetState::succeed(const FetchFigures& figures, std::uint64_t mark) {
    auto record = report(true, figures);
    cache_.commit(mark, [&](SeriesId id) { record.readings.push_back({metrics::stale_marker_bits, id}); });
    return record;
}

Record TargetState::fail(const FetchFigures& figures, std::uint64_t mark) {
    auto record = report(false, figures);
    cache_.fail(mark, [&](SeriesId id) { record.readings.push_back({metrics::stale_marker_bits, id}); });
    return record;
}

std::vector<const FamilyMetadata*> TargetState::families() const {
    std::vector<const FamilyMetadata*> found;
    std::string name;
    cache_.for_each_text([&](std::string_view series) {
        const auto plain = series.substr(0, series.find_first_of("{ \t"));
        if (!plain.empty() && plain == name) return;  // series of a family stand together
        name = plain;
        if (plain.empty())  // {"a quoted name"}
            if (const auto labels = metrics::parse_series(series)) name = labels->front().value;
        if (const auto* family = metadata_.of_series(name)) found.push_back(family);
    });
    std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

Record TargetState::retire(std::int64_t time_ms, std::uint64_t mark) {
    Record record;
    record.time_ms = time_ms;
    cache_.begin();
    cache_.fail(mark, [&](SeriesId id) { record.readings.push_back({metrics::stale_marker_bits, id}); });
    cache_.release_all(mark);
    for (std::size_t i = 0; i < reports_; ++i) {
        if (reported_) record.readings.push_back({metrics::stale_marker_bits, report_[i]});
        series_.release(report_[i], mark);
    }
    return record;
}

}  // namespace pifleet::forwarder
