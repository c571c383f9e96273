#include "forwarder/discovery/target.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

// The job without what only decides which targets it has and what they are called.
ScrapeConfig scraping_of(ScrapeConfig job) {
    job.static_configs.clear();
    job.discoveries.clear();
    job.relabel_configs = {};
    job.keep_dropped_targets = job.target_limit = 0;
    return job;
}

}  // namespace

const std::string& Target::label(std::string_view name) const {
    static const std::string none;
    const auto found =
        std::find_if(labels.begin(), labels.end(), [name](const auto& label) { return label.first == name; });
    return found == labels.end() ? none : found->second;
}

Pairs Target::series_labels() const {
    auto all = labels;
    if (node_name.empty()) return all;
    all.emplace_back("node_name", node_name);
    std::sort(all.begin(), all.end());
    return all;
}

std::string Target::identity() const {
    std::string out = (url.tls ? "https://" : "http://") + url.authority() + url.target;
    for (const auto& [name, value] : labels) out += "\x01" + name + "\x02" + value;
    return out;
}

bool same_scraping(const Target& a, const Target& b) {
    return a.interval == b.interval && a.timeout == b.timeout && scraping_of(*a.job) == scraping_of(*b.job);
}

}  // namespace pifleet::forwarder
