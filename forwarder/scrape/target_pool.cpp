#include "forwarder/scrape/target_pool.hpp"

#include "common/process/log.hpp"
#include "forwarder/discovery/build_targets.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pifleet::forwarder {

namespace {

// As in Prometheus a job with too many targets scrapes none: to leave out some would hide them.
std::string over_limit(const ScrapeConfig& job, std::size_t targets) {
    const auto most = static_cast<std::size_t>(job.target_limit);
    if (most == 0 || targets <= most) return {};
    return "the job has " + std::to_string(targets) + " targets, more than " + std::to_string(most) +
           " (target_limit)";
}

}  // namespace

TargetPool::TargetPool(ScrapeLoop::Surroundings around, GroupsOf groups_of)
    : around_(std::move(around)), groups_of_(std::move(groups_of)) {}

void TargetPool::reload(const std::shared_ptr<const Config>& config) {
    auto before = std::exchange(jobs_, {});
    for (const auto& wanted : config->scrape_configs) {
        auto& job = jobs_.emplace_back();
        job.config = std::shared_ptr<const ScrapeConfig>(config, &wanted);
        for (auto& old : before)
            if (old.config->job_name == wanted.job_name) job.loops = std::exchange(old.loops, {});
    }
    for (auto& gone : before)
        for (auto& loop : gone.loops) loop->stop(true);
    std::set<std::string> taken;
    for (auto& job : jobs_) apply(job, taken);
}

void TargetPool::update(const std::string& name) {
    const auto apply_among_others = [this](Job& job) {
        std::set<std::string> taken;
        for (const auto& other : jobs_)
            if (&other != &job)
                for (const auto& loop : other.loops) taken.insert(loop->target().identity());
        return apply(job, taken);
    };
    bool ended = false;
    for (auto& job : jobs_)
        if (job.config->job_name == name) ended = apply_among_others(job);
    if (!ended) return;
    for (auto& job : jobs_)
        if (job.left_out && job.config->job_name != name) apply_among_others(job);
}

// `taken`: identities that are scraped already; the job's are added. Says whether a target ended.
bool TargetPool::apply(Job& job, std::set<std::string>& taken) {
    std::map<std::string, std::shared_ptr<ScrapeLoop>> before;
    for (auto& loop : job.loops) before.emplace(loop->target().identity(), loop);
    job.loops.clear();
    job.left_out = false;
    std::vector<std::shared_ptr<ScrapeLoop>> fresh;
    auto built = build_targets(*job.config, groups_of_(job.config->job_name));
    for (const auto& what : built.failures) log::warn("target cannot be scraped", {{"error", what}});
    job.dropped = std::move(built.dropped);
    job.dropped_count = built.dropped_count;
    for (auto& target : built.targets) {
        const auto identity = target.identity();
        if (!taken.insert(identity).second) {
            job.left_out = true;
            log::warn("target is named twice; it is scraped once", {{"target", target.url.shown()}});
            continue;
        }
        const auto known = before.find(identity);
        if (known != before.end() && same_scraping(known->second->target(), target)) {
            known->second->set_discovered(std::move(target.discovered));
            job.loops.push_back(known->second);
            before.erase(known);
        } else {
            fresh.push_back(std::make_shared<ScrapeLoop>(job.config, std::move(target), around_));
            job.loops.push_back(fresh.back());
        }
    }
    for (auto& [identity, loop] : before) loop->stop(true);
    for (auto& loop : job.loops) loop->refuse(over_limit(*job.config, job.loops.size()));
    for (auto& loop : fresh) loop->start();
    return !before.empty();
}

void TargetPool::stop() {
    for (auto& job : jobs_)
        for (auto& loop : job.loops) loop->stop(false);
}

std::vector<const ScrapeLoop*> TargetPool::loops() const {
    std::vector<const ScrapeLoop*> all;
    for (const auto& job : jobs_)
        for (const auto& loop : job.loops) all.push_back(loop.get());
    return all;
}

}  // namespace pifleet::forwarder
