#include "exporters/k8s_state/telemetry.hpp"

#include "common/base/text.hpp"
#include "common/process/build_info.hpp"

#include <string>

namespace pifleet::k8s {

namespace {

using metrics::Family;
using metrics::Page;
using metrics::Type;

constexpr Family list_total{
    "kube_state_metrics_list_total", Type::counter, "Lists asked for, by how they ended."};
constexpr Family watch_total{
    "kube_state_metrics_watch_total", Type::counter, "Watches begun, by how they ended."};
constexpr Family ordinal{"kube_state_metrics_shard_ordinal", Type::gauge, "Number of this shard, from 0."};
constexpr Family total_shards{"kube_state_metrics_total_shards", Type::gauge, "How many shards there are."};
constexpr Family build_info{
    "kube_state_metrics_build_info", Type::gauge, "1, with what this program was built from as labels."};
constexpr Family config_hash{
    "kube_state_metrics_config_hash", Type::gauge, "A number that changes with the configuration file."};
constexpr Family reload_good{"kube_state_metrics_last_config_reload_successful",
                             Type::gauge,
                             "Whether the configuration file could be used when it was last read."};
constexpr Family reload_time{"kube_state_metrics_last_config_reload_success_timestamp_seconds",
                             Type::gauge,
                             "When the configuration file was last read and used, in seconds since 1970."};
constexpr Family durations{"http_request_duration_seconds",
                           Type::histogram,
                           "Time from a scrape's request to the end of its answer."};

constexpr Family watches{"pifleet_k8s_state_watches", Type::gauge, "Watches that a resource needs."};
constexpr Family working{
    "pifleet_k8s_state_watches_working", Type::gauge, "Watches of a resource that are open."};
constexpr Family withdrawn{
    "pifleet_k8s_state_resource_withdrawn",
    Type::gauge,
    "1 for a resource that is not on the page, for want of a list or a working watch."};
constexpr Family last_event{"pifleet_k8s_state_last_event_timestamp_seconds",
                            Type::gauge,
                            "When the API server last told something of a resource, in seconds since 1970."};
constexpr Family objects{"pifleet_k8s_state_objects", Type::gauge, "Objects of a resource on the page."};
constexpr Family text_bytes{
    "pifleet_k8s_state_text_bytes", Type::gauge, "Memory that a resource's lines take."};
constexpr Family events{"pifleet_k8s_state_events_total", Type::counter, "Events that watches told of."};
constexpr Family expired{"pifleet_k8s_state_expired_total",
                         Type::counter,
                         "Versions that the API server no longer had, so that a list was needed anew."};
constexpr Family skipped{"pifleet_k8s_state_objects_skipped_total",
                         Type::counter,
                         "Objects that could not be read or were too large."};
constexpr Family unchanged{
    "pifleet_k8s_state_objects_unchanged_total", Type::counter, "Objects that came again as they were."};
constexpr Family received{
    "pifleet_k8s_state_received_bytes_total", Type::counter, "Bytes of answers from the API server."};

double unix_time(std::chrono::steady_clock::time_point time) {
    using namespace std::chrono;
    const auto age = steady_clock::now() - time;
    return duration<double>(system_clock::now().time_since_epoch() - age).count();
}

void add_results(
    Page& page, const Family& family, std::string_view resource, std::uint64_t all, std::uint64_t errors) {
    page.add(family, {{"result", "error"}, {"resource", resource}}, static_cast<double>(errors));
    page.add(family,
             {{"result", "success"}, {"resource", resource}},
             static_cast<double>(all - std::min(all, errors)));
}

void add_kind(Page& page, const KindStatus& kind) {
    const auto add = [&](const Family& family, auto value) {
        page.add(family, {{"resource", kind.resource}}, static_cast<double>(value));
    };
    add_results(page, list_total, kind.resource, kind.sum.lists, kind.sum.list_errors);
    add_results(page, watch_total, kind.resource, kind.sum.watches, kind.sum.watch_errors);
    add(watches, kind.watches);
    add(working, kind.working);
    add(withdrawn, kind.withdrawn.empty() ? 0 : 1);
    if (kind.sum.last_event) add(last_event, unix_time(*kind.sum.last_event));
    add(objects, kind.objects);
    add(text_bytes, kind.bytes);
    add(events, kind.sum.events);
    add(expired, kind.sum.expired);
    add(skipped, kind.sum.skipped);
    add(unchanged, kind.unchanged);
    add(received, kind.sum.bytes);
}

}  // namespace

void add_own_metrics(Page& page, const std::vector<KindStatus>& kinds, Shard shard) {
    for (const auto& kind : kinds) add_kind(page, kind);
    const auto number = std::to_string(shard.number);
    page.add(ordinal, {{"shard_ordinal", number}}, shard.number);
    page.add(total_shards, shard.total);
}

void add_file_metrics(Page& page, const std::vector<FileState>& files) {
    for (const auto& file : files) {
        const metrics::Label labels[] = {{"type", file.type}, {"filename", file.name}};
        page.add(config_hash, labels, file.hash);
        page.add(reload_good, labels, file.good ? 1 : 0);
        if (file.read_at) page.add(reload_time, labels, *file.read_at);
    }
}

void add_build_info(Page& page) {
    const auto& build = process::build_info();
    page.add(build_info,
             {{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}},
             1);
}

double hash_value(std::string_view text) {
    constexpr std::uint64_t mask = (std::uint64_t{1} << 48) - 1;
    return static_cast<double>(fnv1a_64(text) & mask);
}

void ScrapeTimes::add(std::chrono::steady_clock::duration time) {
    const auto seconds = std::chrono::duration<double>(time).count();
    for (std::size_t i = 0; i < std::size(bounds); ++i) counts_[i] += seconds <= bounds[i];
    ++all_;
    seconds_ += seconds;
}

void ScrapeTimes::write(Page& page) const {
    for (std::size_t i = 0; i < std::size(bounds); ++i)
        page.add_part(durations,
                      "_bucket",
                      std::initializer_list<metrics::Label>{
                          {"handler", "metrics"}, {"method", "get"}, {"le", number_text(bounds[i])}},
                      static_cast<double>(counts_[i]));
    page.add_part(
        durations,
        "_bucket",
        std::initializer_list<metrics::Label>{{"handler", "metrics"}, {"method", "get"}, {"le", "+Inf"}},
        static_cast<double>(all_));
    page.add_part(durations,
                  "_sum",
                  std::initializer_list<metrics::Label>{{"handler", "metrics"}, {"method", "get"}},
                  seconds_);
    page.add_part(durations,
                  "_count",
                  std::initializer_list<metrics::Label>{{"handler", "metrics"}, {"method", "get"}},
                  static_cast<double>(all_));
}

}  // namespace pifleet::k8s
