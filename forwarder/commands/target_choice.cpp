#include "forwarder/commands/target_choice.hpp"

#include <vector>

namespace pifleet::forwarder {

namespace {

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t most = 20;
    if (names.empty()) return "none";
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
    return out;
}

std::string_view without_query(const std::string& target) {
    return std::string_view(target).substr(0, target.find('?'));
}

}  // namespace

bool is_meant(const Target& target, std::string_view word) {
    if (target.job->job_name == word || target.label("instance") == word) return true;
    if (const auto at = http::parse_host_port(word))
        return at->host == target.url.host && at->port == target.url.port;
    const auto url = http::parse_url(word);
    return url && url->tls == target.url.tls && url->host == target.url.host &&
           url->port == target.url.port &&
           (url->target == target.url.target || url->target == without_query(target.url.target));
}

std::string what_there_is(const Config& config, std::span<const Target> targets) {
    std::vector<std::string> jobs, instances;
    for (const auto& job : config.scrape_configs) jobs.push_back(job.job_name);
    for (const auto& target : targets) instances.push_back(target.label("instance"));
    return "jobs: " + list(jobs) + "; targets: " + list(instances);
}

}  // namespace pifleet::forwarder
