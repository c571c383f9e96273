#include "forwarder/discovery/discovery.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

RefreshLoop::MakeProvider maker_of(const DiscoverySettings& settings) {
    return [&settings](const ProviderSurroundings& around) {
        const auto make = [&around](const auto& config) { return make_provider(config, around); };
        if (const auto* groups = std::get_if<0>(&settings)) return make(*groups);
        return std::visit(make, std::get<1>(settings));
    };
}

bool same_kind(const DiscoverySettings& a, const DiscoverySettings& b) {
    if (a.index() != b.index()) return false;
    return a.index() == 0 || std::get<1>(a).index() == std::get<1>(b).index();
}

}  // namespace

Discovery::Discovery(boost::asio::io_context& io, std::function<void(const std::string& job)> changed)
    : io_(io), changed_(std::move(changed)), timer_(io) {}

Discovery::~Discovery() {
    stop();
}

void Discovery::apply(const Config& config) {
    auto before = std::exchange(entries_, {});
    const auto add = [&](const std::string& job, DiscoverySettings settings) {
        const auto known = std::find_if(before.begin(), before.end(), [&](const Entry& entry) {
            return entry.job == job && entry.settings == settings;
        });
        entries_.push_back({job, std::move(settings), nullptr});
        if (known == before.end()) return;
        entries_.back().loop = std::move(known->loop);
        before.erase(known);
    };
    for (const auto& job : config.scrape_configs) {
        if (!job.static_configs.empty()) add(job.job_name, job.static_configs);
        for (const auto& each : job.discoveries) add(job.job_name, each);
    }
    applying_ = true;
    for (auto& entry : entries_)
        if (!entry.loop) start(entry, before);
    applying_ = false;
    for (auto& entry : before) entry.loop->stop();
    changed_jobs_.clear();
}

// What it takes over is taken out of `gone`.
void Discovery::start(Entry& entry, std::vector<Entry>& gone) {
    std::vector<DiscoveredGroup> heritage;
    const auto predecessor = std::find_if(gone.begin(), gone.end(), [&](const Entry& each) {
        return each.job == entry.job && same_kind(each.settings, entry.settings);
    });
    if (predecessor != gone.end()) {
        heritage = predecessor->loop->groups();
        predecessor->loop->stop();
        gone.erase(predecessor);
    }
    entry.loop = std::make_shared<RefreshLoop>(io_.get_executor(), entry.job);
    entry.loop->start(maker_of(entry.settings), std::move(heritage), [this, job = entry.job](bool first) {
        note_change(job, first);
    });
}

void Discovery::note_change(const std::string& job, bool first) {
    if (applying_) return;
    changed_jobs_.insert(job);
    const auto next = passed_on_ + gap;
    if (first || std::chrono::steady_clock::now() >= next) return pass_on();
    if (std::exchange(waiting_, true)) return;
    timer_.expires_at(next);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) return;
        pass_on();
    });
}

void Discovery::pass_on() {
    waiting_ = false;
    timer_.cancel();
    passed_on_ = std::chrono::steady_clock::now();
    for (const auto& job : std::exchange(changed_jobs_, {})) changed_(job);
}

void Discovery::stop() {
    timer_.cancel();
    for (auto& entry : entries_) entry.loop->stop();
}

std::vector<DiscoveredGroup> Discovery::groups(const std::string& job) const {
    std::vector<DiscoveredGroup> all;
    for (const auto& entry : entries_) {
        if (entry.job != job) continue;
        const auto& groups = entry.loop->groups();
        all.insert(all.end(), groups.begin(), groups.end());
    }
    return all;
}

std::vector<DiscoveryStatus> Discovery::status() const {
    std::vector<DiscoveryStatus> all;
    for (const auto& entry : entries_) all.push_back(entry.loop->status());
    return all;
}

}  // namespace pifleet::forwarder
