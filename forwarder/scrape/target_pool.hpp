// The targets that are scraped now: what discovery found becomes loops, and what did not change goes on.
#pragma once

#include "forwarder/discovery/discovered.hpp"
#include "forwarder/scrape/scrape_loop.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pifleet::forwarder {

class TargetPool {
  public:
    using GroupsOf = std::function<std::vector<DiscoveredGroup>(const std::string& job)>;

    /// `groups_of`: what discovery knows of a job at the moment.
    TargetPool(ScrapeLoop::Surroundings around, GroupsOf groups_of);

    /// From now on these jobs. Targets that are scraped as before keep their state, those that are gone get
    /// stale markers.
    void reload(const std::shared_ptr<const Config>& config);
    /// Discovery knows something else of this job.
    void update(const std::string& job);
    void stop();

    /// In the order of the configuration.
    std::vector<const ScrapeLoop*> loops() const;
    /// Calls `each(job, dropped targets' discovered labels, how many there were)` for every job.
    template <class Each>
    void for_each_dropped(const Each& each) const {
        for (const auto& job : jobs_) each(*job.config, job.dropped, job.dropped_count);
    }

  private:
    struct Job {
        std::shared_ptr<const ScrapeConfig> config;
        std::vector<std::shared_ptr<ScrapeLoop>> loops;
        std::vector<Pairs> dropped;  // targets, by relabel_configs: as many as the job keeps
        std::uint64_t dropped_count = 0;
        bool left_out = false;  // a target that is scraped for another job
    };
    bool apply(Job& job, std::set<std::string>& taken);

    ScrapeLoop::Surroundings around_;
    GroupsOf groups_of_;
    std::vector<Job> jobs_;
};

}  // namespace pifleet::forwarder
