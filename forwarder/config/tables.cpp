// The keys of forwarder.yml, declared once: what is read, documented and suggested.
#include "forwarder/config/tables.hpp"

#include "common/base/glob.hpp"
#include "common/base/text.hpp"
#include "forwarder/config/http_options.hpp"
#include "forwarder/config/rows.hpp"

#include <algorithm>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

constexpr Field<TargetGroup> group_rows[] = {
    field<&TargetGroup::targets>("targets", "", "Addresses, host:port each."),
    field_by<&TargetGroup::labels, read_labels>("labels", "", "Labels that these targets get."),
};

void read_params(const Node& node, std::vector<Param>& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        into.push_back({key.text, {}});
        decode(value, into.back().values, faults);
    }
}

void read_scheme(const Node& node, std::string& into, Faults& faults) {
    decode(node, into, faults);
    if (into != "http" && into != "https")
        faults.add(node.place, "expected http or https, not '" + into + "'");
}

// Discoveries of all kinds stand in one list of the job.
template <class Kind>
constexpr Field<ScrapeConfig> discovery_field(std::string_view key, std::string_view help) {
    return {key, "", help, [](const Node& node, ScrapeConfig& into, Faults& faults) {
                std::vector<Kind> read;
                decode(node, read, faults);
                for (auto& each : read) into.discoveries.emplace_back(std::move(each));
            }};
}

constexpr Field<ScrapeConfig> own_scrape_rows[] = {
    field<&ScrapeConfig::job_name>("job_name", "", "Name of the job; the label job of its targets."),
    field_by<&ScrapeConfig::interval, read_positive>(
        "scrape_interval", "global's", "Time between two scrapes."),
    field_by<&ScrapeConfig::timeout, read_positive>("scrape_timeout", "global's", "Time a scrape may take."),
    field<&ScrapeConfig::metrics_path>("metrics_path", "/metrics", "Path of the page."),
    field_by<&ScrapeConfig::scheme, read_scheme>("scheme", "http", "http or https."),
    field_by<&ScrapeConfig::params, read_params>("params", "", "Query parameters, a list of values each."),
    field<&ScrapeConfig::honor_labels>("honor_labels", "false", "The page's labels win over the target's."),
    field<&ScrapeConfig::honor_timestamps>("honor_timestamps", "true", "The page's timestamps are kept."),
    field<&ScrapeConfig::track_timestamps_staleness>(
        "track_timestamps_staleness", "false", "Series with timestamps of their own get stale markers too."),
    field<&ScrapeConfig::extra_scrape_metrics>(
        "extra_scrape_metrics", "global's", "Also scrape_timeout_seconds and the limits, as series."),
    field_by<&ScrapeConfig::sample_limit, read_count>(
        "sample_limit", "global's", "A page with more samples fails."),
    field<&ScrapeConfig::body_size_limit>("body_size_limit", "global's", "A larger page fails."),
    field_by<&ScrapeConfig::label_limit, read_count>(
        "label_limit", "global's", "A page with a series of more labels fails."),
    field_by<&ScrapeConfig::label_name_length_limit, read_count>(
        "label_name_length_limit", "global's", "A page with a longer label name fails; bytes."),
    field_by<&ScrapeConfig::label_value_length_limit, read_count>(
        "label_value_length_limit", "global's", "A page with a longer label value fails; bytes."),
    field<&ScrapeConfig::enable_compression>("enable_compression", "true", "Pages may come packed by gzip."),
    field_by<&ScrapeConfig::protocols, read_protocols>(
        "scrape_protocols", "global's", "Formats to ask for, the most wanted first."),
    field_by<&ScrapeConfig::fallback_protocol, read_fallback_protocol>(
        "fallback_scrape_protocol", "", "Format of a page whose Content-Type is missing or unknown."),
    field_by<&ScrapeConfig::protocols, read_name_validation>(
        "metric_name_validation_scheme", "global's", "Names that a page may have: utf8 or legacy."),
    field_by<&ScrapeConfig::protocols, read_name_escaping>(
        "metric_name_escaping_scheme",
        "global's",
        "How a page is to write other names: allow-utf-8, underscores, dots or values."),
    field<&ScrapeConfig::static_configs>("static_configs", "", "Targets with their labels."),
    field<&ScrapeConfig::relabel_configs>("relabel_configs", "", "Rules that change or drop targets."),
    field<&ScrapeConfig::metric_relabel_configs>(
        "metric_relabel_configs", "", "Rules that change or drop scraped series."),
    field_by<&ScrapeConfig::keep_dropped_targets, read_count>(
        "keep_dropped_targets", "0", "How many dropped targets the page shows; 0: all."),
    discovery_field<FileDiscovery>("file_sd_configs", "Targets listed in files, watched for changes."),
    discovery_field<HttpDiscovery>("http_sd_configs", "Targets listed at a URL."),
    discovery_field<DnsDiscovery>("dns_sd_configs", "Targets that a DNS name resolves to."),
    unsupported<ScrapeConfig>("kubernetes_sd_configs"),
    unsupported<ScrapeConfig>("azure_sd_configs"),
    unsupported<ScrapeConfig>("consul_sd_configs"),
    unsupported<ScrapeConfig>("digitalocean_sd_configs"),
    unsupported<ScrapeConfig>("docker_sd_configs"),
    unsupported<ScrapeConfig>("dockerswarm_sd_configs"),
    unsupported<ScrapeConfig>("ec2_sd_configs"),
    unsupported<ScrapeConfig>("eureka_sd_configs"),
    unsupported<ScrapeConfig>("gce_sd_configs"),
    unsupported<ScrapeConfig>("hetzner_sd_configs"),
    unsupported<ScrapeConfig>("ionos_sd_configs"),
    unsupported<ScrapeConfig>("kuma_sd_configs"),
    unsupported<ScrapeConfig>("lightsail_sd_configs"),
    unsupported<ScrapeConfig>("linode_sd_configs"),
    unsupported<ScrapeConfig>("marathon_sd_configs"),
    unsupported<ScrapeConfig>("nerve_sd_configs"),
    unsupported<ScrapeConfig>("nomad_sd_configs"),
    unsupported<ScrapeConfig>("openstack_sd_configs"),
    unsupported<ScrapeConfig>("ovhcloud_sd_configs"),
    unsupported<ScrapeConfig>("puppetdb_sd_configs"),
    unsupported<ScrapeConfig>("scaleway_sd_configs"),
    unsupported<ScrapeConfig>("serverset_sd_configs"),
    unsupported<ScrapeConfig>("stackit_sd_configs"),
    unsupported<ScrapeConfig>("triton_sd_configs"),
    unsupported<ScrapeConfig>("uyuni_sd_configs"),
    unsupported<ScrapeConfig>("vultr_sd_configs"),
    without_effect<ScrapeConfig>("scrape_native_histograms",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("scrape_classic_histograms",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("always_scrape_classic_histograms",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("convert_classic_histograms_to_nhcb",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("native_histogram_bucket_limit",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("native_histogram_min_bucket_factor",
                                 "No effect: histograms are read in their classic form."),
    without_effect<ScrapeConfig>("scrape_failure_log_file",
                                 "No effect: failures stand in the log and on the page."),
    field_by<&ScrapeConfig::target_limit, read_count>(
        "target_limit", "global's", "A job with more targets fails all of their scrapes."),
};

constexpr auto scrape_rows = with_http_rows(own_scrape_rows);

// Not in Prometheus.
void read_node_name(const Node& node, bool& into, Faults& faults) {
    std::string word;
    decode(node, word, faults);
    if (node.kind != Node::Kind::scalar) return;
    into = word == "auto";
    if (!into && word != "off") faults.add(node.place, "expected auto or off, not '" + word + "'");
}

constexpr Field<Global> global_rows[] = {
    field_by<&Global::scrape_interval, read_positive>("scrape_interval", "1m", "Time between two scrapes."),
    field_by<&Global::scrape_timeout, read_positive>("scrape_timeout", "10s", "Time a scrape may take."),
    field_by<&Global::external_labels, read_labels>(
        "external_labels", "", "Labels added to everything that is sent; ${NAME}: from the environment."),
    field_by<&Global::learn_node_name, read_node_name>(
        "node_name", "off", "auto: targets without a label node_name get one, learnt from their page."),
    field<&Global::body_size_limit>("body_size_limit", "64MB", "A larger page fails."),
    field_by<&Global::sample_limit, read_count>("sample_limit", "0", "A page with more samples fails."),
    field_by<&Global::label_limit, read_count>(
        "label_limit", "0", "A page with a series of more labels fails."),
    field_by<&Global::label_name_length_limit, read_count>(
        "label_name_length_limit", "0", "A page with a longer label name fails; bytes."),
    field_by<&Global::label_value_length_limit, read_count>(
        "label_value_length_limit", "0", "A page with a longer label value fails; bytes."),
    field_by<&Global::target_limit, read_count>(
        "target_limit", "0", "A job with more targets fails all of their scrapes."),
    field<&Global::extra_scrape_metrics>(
        "extra_scrape_metrics", "false", "Also scrape_timeout_seconds and the limits, as series."),
    field_by<&Global::keep_dropped_targets, read_count>(
        "keep_dropped_targets", "0", "How many dropped targets of a job the page shows; 0: all."),
    field_by<&Global::protocols, read_protocols>(
        "scrape_protocols",
        "[OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusText1.0.0, PrometheusText0.0.4]",
        "Formats to ask for, the most wanted first."),
    field_by<&Global::protocols, read_name_validation>(
        "metric_name_validation_scheme", "utf8", "Names that a page may have: utf8 or legacy."),
    field_by<&Global::protocols, read_name_escaping>(
        "metric_name_escaping_scheme",
        "allow-utf-8",
        "How a page is to write other names: allow-utf-8, underscores (with legacy), dots or values."),
    without_effect<Global>("evaluation_interval", "No effect: there are no rules here."),
    without_effect<Global>("scrape_native_histograms",
                           "No effect: histograms are read in their classic form."),
    without_effect<Global>("always_scrape_classic_histograms",
                           "No effect: histograms are read in their classic form."),
    without_effect<Global>("convert_classic_histograms_to_nhcb",
                           "No effect: histograms are read in their classic form."),
    without_effect<Global>("scrape_failure_log_file",
                           "No effect: failures stand in the log and on the page."),
    without_effect<Global>("rule_query_offset", "No effect: there are no rules here."),
    without_effect<Global>("query_log_file", "No effect: there are no queries here."),
};

constexpr Field<ClockConfig> clock_rows[] = {
    field<&ClockConfig::check>("check", "true", "Samples are held in memory until the clock can be trusted."),
    field_by<&ClockConfig::max_hold, read_positive>(
        "max_hold", "10m", "After this time the clock is taken, if it is later than this program."),
};

// Relative names stand below the configuration's folder; a * counts in the last part only, as in Prometheus.
void read_config_files(const Node& node, std::vector<std::string>& into, Faults& faults) {
    decode(node, into, faults);
    for (std::size_t i = 0; i < into.size(); ++i) {
        const auto star = into[i].find('*');
        if (star != std::string::npos && into[i].find_first_of("*/", star + 1) != std::string::npos)
            faults.add(node.items[i].place, "expected at most one *, after the last /");
        into[i] = path_below(folder_of(faults.file()), into[i]);
    }
}

constexpr Field<Config> config_rows[] = {
    field<&Config::global>("global", "", "What holds for every job and backend."),
    field<&Config::scrape_configs>("scrape_configs", "", "Jobs: what is scraped, and how."),
    field<&Config::backends>("remote_write", "", "Backends: where samples go."),
    {"backends",
     "",
     "Backends by name or protocol: where samples go that is no remote_write (not in Prometheus).",
     [](const Node& node, Config& into, Faults&) { into.backend_entries = node; }},
    field<&Config::clock>("clock", "", "When this machine's clock is trusted (not in Prometheus)."),
    without_effect<Config>("rule_files", "No effect: rules and alarms live in the backend."),
    without_effect<Config>("alerting", "No effect: rules and alarms live in the backend."),
    without_effect<Config>("remote_read", "No effect: there is no store here to read from."),
    without_effect<Config>("storage", "No effect: there is no store here."),
    without_effect<Config>("otlp", "No effect: nothing is received here."),
    without_effect<Config>("runtime", "No effect: there is no garbage to collect."),
    without_effect<Config>("tracing", "No effect: there is nothing to trace."),
    field_by<&Config::scrape_config_files, read_config_files>(
        "scrape_config_files", "", "Files with more scrape_configs; the last part of a path may have a *."),
};

constexpr Field<Config> scrape_config_file_rows[] = {
    field<&Config::scrape_configs>("scrape_configs", "", "Jobs: what is scraped, and how."),
};

}  // namespace

void decode(const Node& node, TargetGroup& into, Faults& faults) {
    config::read_mapping<TargetGroup>(node, group_rows, into, faults);
}

void decode(const Node& node, Global& into, Faults& faults) {
    config::read_mapping<Global>(node, global_rows, into, faults);
}

void decode(const Node& node, ScrapeConfig& into, Faults& faults) {
    config::read_mapping<ScrapeConfig>(node, scrape_rows, into, faults);
    check_http_options(node, into.http, faults);
    if (node.kind == Node::Kind::mapping && into.job_name.empty())
        faults.add(node.place, "this job has no job_name");
}

void decode(const Node& node, ClockConfig& into, Faults& faults) {
    config::read_mapping<ClockConfig>(node, clock_rows, into, faults);
}

void read_config(const Node& node, Config& into, Faults& faults) {
    config::read_mapping<Config>(node, config_rows, into, faults);
    for (const auto& [key, value] : node.members) {
        const auto only_known =
            [&wanted = key.text](const auto& row) {  // clang 14 takes no structured binding as is
                return row.key == wanted && row.read == nullptr;
            };
        const auto row = std::find_if(std::begin(config_rows), std::end(config_rows), only_known);
        if (row != std::end(config_rows)) into.notices.push_back(key.text + ": " + std::string(row->help));
    }
}

void read_scrape_config_file(const Node& node, Config& into, Faults& faults) {
    config::read_mapping<Config>(node, scrape_config_file_rows, into, faults);
}

}  // namespace pifleet::forwarder
