// What forwarder.yml means: Prometheus's configuration format, as far as scraping and sending need it. Plain
// values; the tables that read them stand in tables.cpp, with a line of help for each key.
#pragma once

#include "common/config/tree.hpp"
#include "common/config/values.hpp"
#include "common/http/client.hpp"
#include "common/http/url.hpp"
#include "forwarder/auth/options.hpp"
#include "forwarder/config/presets.hpp"
#include "forwarder/config/scrape_protocols.hpp"
#include "forwarder/relabel/relabeler.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pifleet::forwarder {

using config::Bytes;
using config::Duration;
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct TargetGroup {
    std::vector<std::string> targets;  // host:port
    Pairs labels;
    friend bool operator==(const TargetGroup&, const TargetGroup&) = default;
};

/// file_sd_configs: lists of targets in files.
struct FileDiscovery {
    std::vector<std::string> files;  // patterns (common/base/glob.hpp), never relative to where we run
    Duration refresh_interval{300'000};
    friend bool operator==(const FileDiscovery&, const FileDiscovery&) = default;
};

/// http_sd_configs: a list of targets at a URL.
struct HttpDiscovery {
    std::string url_text;  // as it was written: the label __meta_url
    http::Url url;
    Duration refresh_interval{60'000};
    HttpOptions http;
    friend bool operator==(const HttpDiscovery&, const HttpDiscovery&) = default;
};

/// dns_sd_configs: targets are what names resolve to.
struct DnsDiscovery {
    enum class Type { srv, a, aaaa, mx, ns };
    std::vector<std::string> names;
    Type type = Type::srv;
    std::int64_t port = 0;  // of the targets; SRV records bring their own
    Duration refresh_interval{30'000};
    friend bool operator==(const DnsDiscovery&, const DnsDiscovery&) = default;
};

using DiscoveryConfig = std::variant<FileDiscovery, HttpDiscovery, DnsDiscovery>;

struct Param {
    std::string name;
    std::vector<std::string> values;
    friend bool operator==(const Param&, const Param&) = default;
};

struct ScrapeConfig {
    std::string job_name;
    Duration interval{0};  // after loading: never 0, the global one where none was given
    Duration timeout{0};   // after loading: at most the interval
    std::string metrics_path = "/metrics";
    std::string scheme = "http";
    std::vector<Param> params;
    bool honor_labels = false;
    bool honor_timestamps = true;
    bool track_timestamps_staleness = false;
    bool extra_scrape_metrics = false;
    // Limits of a page, 0 for none: samples after relabeling, bytes of the decoded page, labels of a series,
    // bytes of a label's name and of its value.
    std::int64_t sample_limit = 0;
    Bytes body_size_limit{0};
    std::int64_t label_limit = 0, label_name_length_limit = 0, label_value_length_limit = 0;
    std::int64_t target_limit = 0;  // a job with more targets scrapes none of them; 0: none
    HttpOptions http;
    bool enable_compression = true;
    bool learn_node_name = false;  // after loading: global's node_name
    ScrapeProtocols protocols;     // after loading: whole, the global ones where none were given
    std::optional<ScrapeProtocol> fallback_protocol;
    std::vector<TargetGroup> static_configs;
    Relabeler relabel_configs;              // of targets
    Relabeler metric_relabel_configs;       // of scraped series
    std::int64_t keep_dropped_targets = 0;  // that the page shows; 0: all
    std::vector<DiscoveryConfig> discoveries;
    friend bool operator==(const ScrapeConfig&, const ScrapeConfig&) = default;
};

struct Global {
    Duration scrape_interval{60'000};
    Duration scrape_timeout{10'000};
    Bytes body_size_limit{64 * 1024 * 1024};  // Prometheus has none; a Pi cannot afford that
    std::int64_t sample_limit = 0, label_limit = 0, label_name_length_limit = 0, label_value_length_limit = 0;
    std::int64_t target_limit = 0;
    bool extra_scrape_metrics = false;
    std::int64_t keep_dropped_targets = 0;
    ScrapeProtocols protocols;
    bool learn_node_name = false;  // node_name: auto; see scrape/node_name.hpp
    Pairs external_labels;         // sorted by name, none empty; environment variables are in their place
};

struct QueueConfig {
    std::int64_t max_samples_per_send = 2000;
    Duration batch_send_deadline{5'000};  // how long samples may wait for a batch to fill
    Duration min_backoff{30};
    Duration max_backoff{3'000};  // Prometheus has 5 s: after an outage samples are to flow within 5 s
    std::int64_t max_samples_per_second = 0;  // 0: no cap
    bool probe_on_denied = true, split_on_413 = true, bisect_on_400 = true;
    friend bool operator==(const QueueConfig&, const QueueConfig&) = default;
};

/// How types, helps and units go to a receiver of remote_write 1.0; with 2.0 they stand beside the samples.
struct MetadataConfig {
    bool send = true;
    Duration send_interval{60'000};
    std::int64_t max_samples_per_send = 2000;  // families in a request
    friend bool operator==(const MetadataConfig&, const MetadataConfig&) = default;
};

enum class WriteMessage { v1, v2 };  // prometheus.WriteRequest, io.prometheus.write.v2.Request

/// How bodies are packed; a protocol that has a way of its own (remote_write: snappy) does not ask.
enum class Compression { preset, none, gzip, zstd };

/// A receiver of samples: an entry of remote_write (its protocol is "remote_write") or of backends.
struct BackendConfig {
    static constexpr std::int64_t most_series = 10'000;  // in a request

    std::string name;  // empty: the URL's host
    std::string protocol = "remote_write";
    std::string preset;  // the row of the presets that it was made from; empty: none
    http::Url url;
    Duration remote_timeout{30'000};
    Pairs headers;
    HttpOptions http;
    QueueConfig queue;
    WriteMessage message = WriteMessage::v1;
    MetadataConfig metadata;
    Relabeler write_relabel_configs;  // of what this backend gets, external labels included
    Compression compression = Compression::preset;
    Duration max_sample_age{0};  // older samples are dropped, counted; 0: none is too old
    Pairs settings;  // the protocol's own keys (protocol.hpp), as they were given, with its presets
    friend bool operator==(const BackendConfig&, const BackendConfig&) = default;
};

/// When this machine's clock is believed; see guard/clock_guard.hpp.
struct ClockConfig {
    bool check = true;
    Duration max_hold{600'000};
};

struct Config {
    Global global;
    ClockConfig clock;
    std::vector<ScrapeConfig> scrape_configs;
    std::vector<std::string> scrape_config_files;  // patterns; load_config() adds their jobs to the others
    std::vector<BackendConfig> backends;           // of remote_write, then of backends
    config::Node backend_entries;                  // the list `backends` as it was read
    std::vector<std::string> notices;              // what was accepted and has no effect, a sentence each
    std::vector<std::string> warnings;             // what was accepted and is hardly meant so
    std::string shown;                             // the file in YAML without its secrets (masking.hpp)
};

/// Reads the text of a configuration. Every fault is gathered; with any there is no configuration.
/// `catalogue`: what the list `backends` may name.
std::optional<Config> parse_config(std::string_view text,
                                   config::Faults& faults,
                                   const Catalogue& catalogue = {});

/// Reads the file and everything it needs at start (key files must be readable). The error is all faults, a
/// line each.
Result<Config> load_config(const std::string& path, const Catalogue& catalogue = {});

}  // namespace pifleet::forwarder
