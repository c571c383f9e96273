// From what was discovered to what is scraped, by Prometheus's rules: a discovered label set gets the job's
// defaults (job, __scheme__, __metrics_path__, __scrape_interval__, __scrape_timeout__, __param_NAME),
// relabel_configs change or drop it, and what is left says where the page is, how often it is read, and
// which labels its series get.
#pragma once

#include "forwarder/discovery/discovered.hpp"
#include "forwarder/discovery/target.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pifleet::forwarder {

struct Built {
    static constexpr std::size_t most_failures = 20;

    std::vector<Target> targets;
    std::vector<Pairs> dropped;         // their discovered labels; at most the job's keep_dropped_targets
    std::uint64_t dropped_count = 0;    // all of them
    std::vector<std::string> failures;  // what cannot be scraped and why; the first ones
    std::uint64_t failures_count = 0;   // all of them
};

/// The targets point to the job, which must outlive them. A target that cannot be scraped takes no other
/// with it.
Built build_targets(const ScrapeConfig& job, std::span<const DiscoveredGroup> groups);

/// A job's static_configs: a group each. Labels of a group stand beside the address of each of its targets.
std::vector<DiscoveredGroup> static_groups(const ScrapeConfig& job);

}  // namespace pifleet::forwarder
