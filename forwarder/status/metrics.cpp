// The forwarder's own metrics, a row each.
#include "forwarder/status/render.hpp"

#include <string>

namespace pifleet::forwarder::status {

namespace {

using metrics::Family;
using metrics::Type;

template <class Row>
struct Metric {
    Family family;
    double (*value)(const Row&);
};

template <class Member>
double number(Member value) {
    return static_cast<double>(value);
}

constexpr Metric<BackendRow> backend_metrics[] = {
    {{"pifleet_backend_samples_sent_total", Type::counter, "Samples that the backend has taken."},
     [](const BackendRow& row) { return number(row.sent); }},
    {{"pifleet_backend_samples_lost_total",
      Type::counter,
      "Samples dropped unsent because the queue was full."},
     [](const BackendRow& row) { return number(row.lost); }},
    {{"pifleet_backend_name_collisions_total",
      Type::counter,
      "Samples left out because another series has their names once these are legal for the backend."},
     [](const BackendRow& row) { return number(row.left_out[left_out_collision]); }},
    {{"pifleet_backend_series_set_aside",
      Type::gauge,
      "Series that the backend refused by themselves and has not taken since."},
     [](const BackendRow& row) { return number(row.series_set_aside); }},
    {{"pifleet_backend_samples_waiting",
      Type::gauge,
      "Samples in the queue that the backend has not taken yet."},
     [](const BackendRow& row) { return number(row.waiting); }},
    {{"pifleet_backend_requests_total", Type::counter, "Attempts to send, repeats included."},
     [](const BackendRow& row) { return number(row.requests); }},
    {{"pifleet_backend_requests_failed_total", Type::counter, "Attempts that did not deliver."},
     [](const BackendRow& row) { return number(row.failures); }},
    {{"pifleet_backend_request_bytes_total", Type::counter, "Bytes of the request bodies of all attempts."},
     [](const BackendRow& row) { return number(row.bytes); }},
    {{"pifleet_backend_last_delivery_timestamp_seconds",
      Type::gauge,
      "When the backend last took samples; 0: never."},
     [](const BackendRow& row) { return number(row.delivered_ms.value_or(0)) / 1000; }},
};

constexpr Metric<TargetRow> target_metrics[] = {
    {{"pifleet_target_scrapes_total", Type::counter, "Scrapes of the target."},
     [](const TargetRow& row) { return number(row.scrapes); }},
    {{"pifleet_target_scrapes_failed_total", Type::counter, "Scrapes of the target that failed."},
     [](const TargetRow& row) { return number(row.failures); }},
    {{"pifleet_target_duplicate_samples_total",
      Type::counter,
      "Samples left out because their series stood twice on a page."},
     [](const TargetRow& row) { return number(row.duplicates); }},
    {{"pifleet_target_disordered_samples_total",
      Type::counter,
      "Samples left out because the page gave them an older time than the one before."},
     [](const TargetRow& row) { return number(row.disordered); }},
};

constexpr Metric<DiscoveryRow> discovery_metrics[] = {
    {{"pifleet_sd_discovered_targets", Type::gauge, "Targets that the discovery knows, before relabeling."},
     [](const DiscoveryRow& row) { return number(row.targets); }},
    {{"pifleet_sd_refreshes_total", Type::counter, "Times that the discovery looked at its sources."},
     [](const DiscoveryRow& row) { return number(row.refreshes); }},
    {{"pifleet_sd_refresh_failures_total",
      Type::counter,
      "Times that a source of the discovery failed; what it last said stays."},
     [](const DiscoveryRow& row) { return number(row.failures); }},
};

constexpr Metric<Snapshot> whole_metrics[] = {
    {{"pifleet_forwarder_series", Type::gauge, "Series held in memory."},
     [](const Snapshot& all) { return number(all.series); }},
    {{"pifleet_forwarder_queue_bytes",
      Type::gauge,
      "Memory taken by samples that some backend has not taken yet."},
     [](const Snapshot& all) { return number(all.queue_bytes); }},
    {{"pifleet_forwarder_queue_limit_bytes",
      Type::gauge,
      "Memory that the queue may take; beyond it the oldest go."},
     [](const Snapshot& all) { return number(all.queue_cap_bytes); }},
    {{"pifleet_clock_trusted",
      Type::gauge,
      "1: this machine's clock is trusted; 0: samples are held until it is."},
     [](const Snapshot& all) { return all.clock.trusted ? 1.0 : 0.0; }},
    {{"pifleet_forwarder_queue_disk_bytes",
      Type::gauge,
      "Disk taken by samples that some backend has not taken yet."},
     [](const Snapshot& all) { return number(all.queue_disk_bytes); }},
    {{"pifleet_forwarder_queue_disk_limit_bytes",
      Type::gauge,
      "Disk that the queue may take; beyond it the oldest go."},
     [](const Snapshot& all) { return number(all.queue_disk_cap_bytes); }},
    {{"pifleet_forwarder_queue_spilling",
      Type::gauge,
      "1: a backend fails or lags, and samples are written to the disk."},
     [](const Snapshot& all) { return all.queue_spilling ? 1.0 : 0.0; }},
    {{"pifleet_forwarder_config_last_reload_successful",
      Type::gauge,
      "1: the last reading of the configuration took."},
     [](const Snapshot& all) { return all.config_good ? 1.0 : 0.0; }},
    {{"pifleet_forwarder_config_last_reload_success_timestamp_seconds",
      Type::gauge,
      "When the configuration in use was read."},
     [](const Snapshot& all) { return number(all.config_loaded_ms) / 1000; }},
};

constexpr Family samples_dropped{"pifleet_backend_samples_dropped_total",
                                 Type::counter,
                                 "Samples dropped because the backend refused them for good, by reason."};
constexpr Family samples_left_out{"pifleet_backend_samples_left_out_total",
                                  Type::counter,
                                  "Samples not sent although nobody refused them, by reason."};
constexpr Family build_info{
    "pifleet_forwarder_build_info", Type::gauge, "1, with the version in the labels."};

}  // namespace

void add_metrics(const Snapshot& snapshot, metrics::Page& page) {
    page.add(build_info, {{"version", snapshot.version}, {"revision", snapshot.revision}}, 1);
    for (const auto& metric : whole_metrics) page.add(metric.family, metric.value(snapshot));
    for (const auto& metric : backend_metrics)
        for (const auto& row : snapshot.backends)
            page.add(metric.family, {{"backend", row.name}}, metric.value(row));
    for (const auto& row : snapshot.backends)
        for (std::size_t i = 0; i < dropped_names.size(); ++i)
            page.add(samples_dropped,
                     {{"backend", row.name}, {"reason", dropped_names[i]}},
                     number(row.dropped[i]));
    for (const auto& row : snapshot.backends)
        for (std::size_t i = 0; i < left_out_names.size(); ++i)
            page.add(samples_left_out,
                     {{"backend", row.name}, {"reason", left_out_names[i]}},
                     number(row.left_out[i]));
    for (const auto& metric : discovery_metrics)
        for (const auto& row : snapshot.discoveries)
            page.add(metric.family,
                     {{"scrape_job", row.job},
                      {"mechanism", row.mechanism},
                      {"number", std::to_string(row.number)}},
                     metric.value(row));
    // Targets with one job and instance are possible (two paths of one exporter): the URL tells them apart.
    for (const auto& metric : target_metrics)
        for (const auto& row : snapshot.targets)
            page.add(metric.family, {{"scrape_job", row.job}, {"scrape_url", row.url}}, metric.value(row));
}

}  // namespace pifleet::forwarder::status
