// The keys of remote_write; presets and rules are Prometheus's unless a line says otherwise.
#include "common/base/text.hpp"
#include "forwarder/config/http_options.hpp"
#include "forwarder/config/rows.hpp"
#include "forwarder/config/tables.hpp"

#include <algorithm>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

constexpr Field<QueueConfig> queue_rows[] = {
    field_by<&QueueConfig::max_samples_per_send, read_count>(
        "max_samples_per_send", "2000", "Samples in a request, at most 10000."),
    field_by<&QueueConfig::batch_send_deadline, read_positive>(
        "batch_send_deadline", "5s", "How long samples wait for a request to fill."),
    field_by<&QueueConfig::min_backoff, read_positive>(
        "min_backoff", "30ms", "Wait after a first failure; it doubles."),
    field_by<&QueueConfig::max_backoff, read_positive>(
        "max_backoff", "3s", "Longest wait between two attempts."),
    field_by<&QueueConfig::max_samples_per_second, read_count>(
        "max_samples_per_second", "0", "Most samples sent in a second, also after an outage; 0: no cap."),
    field<&QueueConfig::probe_on_denied>(
        "probe_on_denied",
        "true",
        "A 401 or 403 holds the queue and is asked again once a minute; false: dropped."),
    field<&QueueConfig::split_on_413>(
        "split_on_413", "true", "A request that is too large is sent in smaller ones; false: dropped."),
    field<&QueueConfig::bisect_on_400>(
        "bisect_on_400",
        "true",
        "A refused request is sent in parts, until the bad series is alone; false: dropped."),
    unsupported<QueueConfig>("sample_age_limit"),
    without_effect<QueueConfig>("capacity",
                                "No effect: one queue serves every backend; --storage.max-bytes bounds it."),
    without_effect<QueueConfig>("max_shards", "No effect: samples are sent in order, one request at a time."),
    without_effect<QueueConfig>("min_shards", "No effect: samples are sent in order, one request at a time."),
    without_effect<QueueConfig>("retry_on_http_429", "No effect: a 429 is always retried."),
};

constexpr Field<MetadataConfig> metadata_rows[] = {
    field<&MetadataConfig::send>(
        "send", "true", "Types, helps and units are sent (remote_write 1.0; 2.0 always has them)."),
    field_by<&MetadataConfig::send_interval, read_positive>(
        "send_interval", "1m", "Time between two sendings of all."),
    field_by<&MetadataConfig::max_samples_per_send, read_count>(
        "max_samples_per_send", "2000", "Families in a request."),
};

// What a request says of itself and of its body is not the user's to say; the rest has keys of its own.
constexpr std::string_view reserved_headers[] = {
    "Content-Encoding",
    "Content-Type",
    "X-Prometheus-Remote-Write-Version",
    "User-Agent",
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Accept-Encoding",
    "Proxy-Connection",
    "Authorization",
};

void read_headers(const Node& node, Pairs& into, Faults& faults) {
    decode(node, into, faults);
    for (const auto& [key, value] : node.members) {
        const auto reserved = [&name = key.text](std::string_view one) {
            return equal_ignoring_case(name, one);
        };
        if (std::none_of(std::begin(reserved_headers), std::end(reserved_headers), reserved)) continue;
        const bool authorization = equal_ignoring_case(key.text, "Authorization");
        faults.add(
            key.place,
            "the header '" + key.text + "' cannot be set here" +
                (authorization ? ": use authorization or basic_auth" : ": pifleet-forwarder sets it itself"));
    }
}

constexpr Field<BackendConfig> own_remote_write_rows[] = {
    field<&BackendConfig::name>("name", "the URL's host", "What logs and the page call it."),
    field_by<&BackendConfig::url, read_url>("url", "", "Address that takes remote_write requests."),
    field_by<&BackendConfig::remote_timeout, read_positive>(
        "remote_timeout", "30s", "Time a request may take."),
    field_by<&BackendConfig::headers, read_headers>("headers", "", "Headers to add to each request."),
    field<&BackendConfig::queue>("queue_config", "", "Sizes of requests and waits between attempts."),
    field<&BackendConfig::message>("protobuf_message",
                                   "prometheus.WriteRequest",
                                   "Or io.prometheus.write.v2.Request: remote_write 2.0."),
    field<&BackendConfig::metadata>(
        "metadata_config", "", "Whether and when types, helps and units are sent."),
    field<&BackendConfig::write_relabel_configs>(
        "write_relabel_configs", "", "Rules that change or drop what this backend is sent."),
    without_effect<BackendConfig>("send_exemplars", "No effect: exemplars are read and not sent."),
    without_effect<BackendConfig>("send_native_histograms",
                                  "No effect: histograms are read in their classic form."),
    without_effect<BackendConfig>("round_robin_dns",
                                  "No effect: a new connection takes the first address that answers."),
    unsupported<BackendConfig>("azuread"),
};

constexpr auto remote_write_rows = with_http_rows(own_remote_write_rows);

// The keys of an entry of backends: those of remote_write and some more.
std::vector<Field<BackendConfig>> backend_rows() {
    std::vector<Field<BackendConfig>> rows(remote_write_rows.begin(), remote_write_rows.end());
    const auto own = backend_own_rows();
    rows.insert(rows.end(), own.begin(), own.end());
    return rows;
}

}  // namespace

void decode(const Node& node, QueueConfig& into, Faults& faults) {
    config::read_mapping<QueueConfig>(node, queue_rows, into, faults);
    if (into.max_samples_per_send == 0) faults.add(node.place, "max_samples_per_send must be at least 1");
    if (into.min_backoff > into.max_backoff) faults.add(node.place, "min_backoff is longer than max_backoff");
}

void decode(const Node& node, MetadataConfig& into, Faults& faults) {
    config::read_mapping<MetadataConfig>(node, metadata_rows, into, faults);
    if (into.max_samples_per_send == 0) faults.add(node.place, "max_samples_per_send must be at least 1");
}

void decode(const Node& node, WriteMessage& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return;
    if (text == "io.prometheus.write.v2.Request")
        into = WriteMessage::v2;
    else if (text != "prometheus.WriteRequest")
        faults.add(node.place,
                   "expected prometheus.WriteRequest or io.prometheus.write.v2.Request, not '" + text + "'");
}

void decode(const Node& node, BackendConfig& into, Faults& faults) {
    config::read_mapping<BackendConfig>(node, remote_write_rows, into, faults);
    check_http_options(node, into.http, faults);
    if (node.kind == Node::Kind::mapping && node.find("url") == nullptr)
        faults.add(node.place, "this remote_write has no url");
    if (into.name.empty()) into.name = into.url.host;
    take_user(into.url, into.http);
}

void read_backend_keys(const Node& node, BackendConfig& into, Faults& faults) {
    config::read_mapping<BackendConfig>(node, backend_rows(), into, faults);
    check_http_options(node, into.http, faults);
    take_user(into.url, into.http);
}

}  // namespace pifleet::forwarder
