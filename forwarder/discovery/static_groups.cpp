#include "forwarder/discovery/build_targets.hpp"

namespace pifleet::forwarder {

std::vector<DiscoveredGroup> static_groups(const ScrapeConfig& job) {
    std::vector<DiscoveredGroup> groups;
    for (const auto& configured : job.static_configs) {
        groups.push_back({"static_configs " + std::to_string(groups.size() + 1), {}});
        for (const auto& address : configured.targets) {
            auto labels = configured.labels;
            labels.emplace_back("__address__", address);  // behind one of the group's, which it replaces
            groups.back().targets.push_back(std::move(labels));
        }
    }
    return groups;
}

}  // namespace pifleet::forwarder
