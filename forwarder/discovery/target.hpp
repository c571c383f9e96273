// What discovery yields: a page to scrape and the labels that its series get.
#pragma once

#include "common/http/url.hpp"
#include "forwarder/config/config.hpp"

#include <string>
#include <vector>

namespace pifleet::forwarder {

struct Target {
    const ScrapeConfig* job;  // outlives the target
    http::Url url;
    Pairs labels;  // job, instance and the configured ones; sorted by name, none begins with __
    Duration interval;
    Duration timeout;

    const std::string& label(std::string_view name) const;  // empty when there is none
    /// What makes it the same target after a reload: address, path, query and labels.
    std::string identity() const;
};

/// Whether two targets of one identity are scraped alike: by jobs that differ in nothing but their lists of
/// targets.
bool same_scraping(const Target& a, const Target& b);

/// The targets of a job's static_configs: the meta labels __address__, __scheme__, __metrics_path__,
/// __scrape_interval__, __scrape_timeout__ and __param_NAME of a group override the job's keys, as in
/// Prometheus. The error names the job and the address.
Result<std::vector<Target>> static_targets(const ScrapeConfig& job);

}  // namespace pifleet::forwarder
