#include "forwarder/discovery/refresh_loop.hpp"

#include "common/process/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pifleet::forwarder {

namespace {

std::int64_t now_ms() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

bool same(const std::vector<DiscoveredGroup>& a, const std::vector<DiscoveredGroup>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
        return one.source == other.source && one.targets == other.targets;
    });
}

}  // namespace

RefreshLoop::RefreshLoop(boost::asio::any_io_executor executor, std::string job) : timer_(executor) {
    status_.job = std::move(job);
}

void RefreshLoop::start(const MakeProvider& make, std::vector<DiscoveredGroup> before, Changed changed) {
    groups_ = std::move(before);
    changed_ = std::move(changed);
    const auto poked = [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->refresh();
    };
    provider_ = make({timer_.get_executor(), poked});
    status_.mechanism = provider_->mechanism();
    refresh();
}

void RefreshLoop::stop() {
    stopped_ = true;
    timer_.cancel();
    provider_->stop();
}

void RefreshLoop::refresh() {
    if (stopped_) return;
    if (busy_) {
        again_ = true;
        return;
    }
    timer_.cancel();
    busy_ = true;
    provider_->refresh([weak = weak_from_this()](std::vector<Finding> found) {
        if (const auto self = weak.lock(); self && !self->stopped_) self->take(std::move(found));
    });
}

void RefreshLoop::take(std::vector<Finding> found) {
    busy_ = false;
    std::vector<DiscoveredGroup> after;
    std::map<std::string, std::string> errors;
    for (auto& [source, targets] : found) {
        if (targets) {
            after.push_back({source, std::move(*targets)});
            continue;
        }
        errors.emplace(source, targets.error().message);
        const auto known =
            std::find_if(groups_.begin(), groups_.end(), [&wanted = source](const auto& group) {
                return group.source == wanted;
            });
        if (known != groups_.end()) after.push_back(*known);
    }
    note_errors(errors);
    const bool first = status_.refreshes++ == 0;
    status_.sources = found.size();
    status_.targets = 0;
    for (const auto& group : after) status_.targets += group.targets.size();
    const bool changed = !same(groups_, after);
    groups_ = std::move(after);
    if (changed) changed_(first);
    if (std::exchange(again_, false)) return refresh();
    if (provider_->interval().count() == 0) return;
    timer_.expires_after(provider_->interval());
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
        if (const auto self = weak.lock(); self && !cancelled) self->refresh();
    });
}

// Each fault is told once, and so is its end.
void RefreshLoop::note_errors(const std::map<std::string, std::string>& errors) {
    for (const auto& [source, error] : errors) {
        const auto before = errors_.find(source);
        if (before != errors_.end() && before->second == error) continue;
        log::warn("discovery failed; what it last found stays",
                  {{"job", status_.job}, {"mechanism", status_.mechanism}, {"error", error}});
    }
    for (const auto& [source, error] : errors_)
        if (!errors.contains(source))
            log::info("discovery works again",
                      {{"job", status_.job}, {"mechanism", status_.mechanism}, {"after", error}});
    errors_ = errors;
    if (errors.empty()) {
        status_.time_ms = now_ms();
        status_.error.clear();
        return;
    }
    ++status_.failures;
    status_.error = errors.begin()->second;
    if (errors.size() > 1) status_.error += " (and " + std::to_string(errors.size() - 1) + " more)";
}

}  // namespace pifleet::forwarder
