#include "forwarder/config/own_metrics.hpp"

#include <algorithm>
#include <string_view>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view addresses[] = {"localhost:9090", "127.0.0.1:9090", "[::1]:9090"};

bool names_prometheus(const TargetGroup& group) {
    return std::any_of(group.targets.begin(), group.targets.end(), [](const std::string& target) {
        return std::find(std::begin(addresses), std::end(addresses), target) != std::end(addresses);
    });
}

}  // namespace

bool scrapes_prometheus_itself(const Config& config) {
    const auto& jobs = config.scrape_configs;
    return std::any_of(jobs.begin(), jobs.end(), [](const ScrapeConfig& job) {
        return job.job_name == "prometheus" &&
               std::any_of(job.static_configs.begin(), job.static_configs.end(), names_prometheus);
    });
}

}  // namespace pifleet::forwarder
