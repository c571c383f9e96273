// The pipeline as the page sees it.
#include "common/process/run.hpp"
#include "forwarder/config/masking.hpp"
#include "forwarder/pipeline.hpp"

#include <unistd.h>

#include <chrono>
#include <map>
#include <utility>

namespace pifleet::forwarder {

namespace {

std::string_view health_name(ScrapeStatus::Health health) {
    switch (health) {
        case ScrapeStatus::Health::up:
            return "up";
        case ScrapeStatus::Health::down:
            return "down";
        case ScrapeStatus::Health::unknown:
            break;
    }
    return "unknown";
}

std::string_view state_name(SenderStatus::State state) {
    switch (state) {
        case SenderStatus::State::sending:
            return "sending";
        case SenderStatus::State::retrying:
            return "retrying";
        case SenderStatus::State::denied:
            return "denied";
        case SenderStatus::State::isolating:
            return "isolating";
        case SenderStatus::State::refusing:
            return "refusing";
        case SenderStatus::State::idle:
            break;
    }
    return "idle";
}

status::TargetRow row_of(const ScrapeLoop& loop) {
    const auto& target = loop.target();
    const auto& scrape = loop.status();
    status::TargetRow row;
    row.pool = loop.job().job_name;
    row.job = target.label("job");
    row.instance = target.label("instance");
    row.url = target.url.shown();
    row.labels = without_secrets(target.series_labels());
    row.discovered = without_secrets(target.discovered);
    row.health = health_name(scrape.health);
    row.time_ms = scrape.time_ms;
    row.seconds = scrape.seconds;
    row.interval_ms = target.interval.count();
    row.timeout_ms = target.timeout.count();
    row.samples = scrape.samples;
    row.series = loop.state().series();
    row.scrapes = scrape.scrapes;
    row.failures = scrape.failures;
    row.duplicates = loop.state().duplicates();
    row.disordered = loop.state().disordered();
    row.error = scrape.error;
    return row;
}

status::DiscoveryRow row_of(const DiscoveryStatus& discovery) {
    status::DiscoveryRow row;
    row.job = discovery.job;
    row.mechanism = discovery.mechanism;
    row.sources = discovery.sources;
    row.targets = discovery.targets;
    row.refreshes = discovery.refreshes;
    row.failures = discovery.failures;
    row.time_ms = discovery.time_ms;
    row.error = discovery.error;
    return row;
}

status::BackendRow row_of(const Sender& sender, const http::Url& url) {
    const auto& sent = sender.status();
    status::BackendRow row;
    row.name = sender.name();
    row.url = url.shown();
    row.state = state_name(sent.state);
    row.sent = sent.samples_sent;
    row.dropped = sent.samples_dropped;
    row.left_out = sent.left_out.all();
    row.series_set_aside = sent.series_set_aside;
    row.lost = sender.lost();
    row.waiting = sender.waiting();
    row.requests = sent.requests;
    row.failures = sent.failures;
    row.bytes = sent.request_bytes;
    row.delivered_ms = sent.delivered_ms;
    row.error = sent.error;
    row.error_ms = sent.error_ms;
    return row;
}

}  // namespace

status::Snapshot Pipeline::snapshot() const {
    status::Snapshot snapshot;
    snapshot.version = process::build_info().version;
    snapshot.revision = process::build_info().revision;
    char host[256] = "";
    ::gethostname(host, sizeof host - 1);
    snapshot.host = host;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    snapshot.now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    snapshot.started_ms = started_ms_;
    snapshot.config_file = config_file_;
    snapshot.config_good = load_error_.empty();
    snapshot.config_error = load_error_;
    snapshot.config_loaded_ms = loaded_ms_;
    snapshot.clock = {
        guard_.trusted(), trust_name(guard_.trust()), guard_.reason(), held_.samples(), held_.dropped()};
    snapshot.series = series_.size();
    snapshot.queue_bytes = log_.bytes();
    snapshot.queue_cap_bytes = log_.cap_bytes();
    snapshot.queue_durable = log_.durable();
    snapshot.queue_spilling = log_.spilling();
    snapshot.queue_disk_bytes = log_.disk_bytes();
    snapshot.queue_disk_cap_bytes = storage_.most_bytes;
    std::map<std::pair<std::string, std::string_view>, std::size_t> numbers;
    for (const auto& discovery : discovery_.status()) {
        auto row = row_of(discovery);
        row.number = numbers[{row.job, row.mechanism}]++;
        snapshot.discoveries.push_back(std::move(row));
    }
    for (const auto* loop : targets_.loops()) snapshot.targets.push_back(row_of(*loop));
    targets_.for_each_dropped([&snapshot](const ScrapeConfig& job, const auto& dropped, std::uint64_t count) {
        for (const auto& labels : dropped)
            snapshot.dropped_targets.push_back({job.job_name, without_secrets(labels)});
        snapshot.pools.push_back({job.job_name, count});
        snapshot.dropped_targets_count += count;
    });
    for (const auto& backend : backends_)
        snapshot.backends.push_back(row_of(*backend.sender, backend.config.url));
    return snapshot;
}

std::vector<status::TargetFamilies> Pipeline::families() const {
    std::vector<status::TargetFamilies> all;
    for (const auto* loop : targets_.loops()) {
        auto& target = all.emplace_back();
        target.labels = without_secrets(loop->target().labels);
        for (const auto* family : loop->state().families())
            target.families.push_back(
                {family->name, family->help, family->unit, metrics::type_name(family->type)});
    }
    return all;
}

std::string Pipeline::shown_config() const {
    return config_ ? config_->shown : std::string();
}

}  // namespace pifleet::forwarder
