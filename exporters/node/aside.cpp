#include "exporters/node/aside.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace pifleet::node {

using Clock = std::chrono::steady_clock;

struct Aside::Shared {
    std::mutex mutex;
    std::condition_variable ended;
    bool busy = false;
    bool prompt = true;  // the last work that ended did so in time, and none is late now
};

Aside::Aside(std::string who, std::chrono::milliseconds limit)
    : who_(std::move(who)), limit_(limit), shared_(std::make_shared<Shared>()) {}

Aside::~Aside() = default;

Result<void> Aside::run(std::function<void()> work) {
    auto& shared = *shared_;
    std::unique_lock lock(shared.mutex);
    if (shared.busy) return failure(who_ + " has still not answered");
    try {
        std::thread([asked = std::move(work), kept = shared_, limit = limit_, begin = Clock::now()] {
            asked();
            const std::lock_guard guard(kept->mutex);
            kept->busy = false;
            kept->prompt = Clock::now() - begin <= limit;
            kept->ended.notify_all();
        }).detach();
    } catch (const std::system_error& error) {
        return failure(std::string("no thread to be had: ") + error.what());
    }
    shared.busy = true;
    const auto patience = shared.prompt ? limit_ : std::min(limit_, brief);
    if (shared.ended.wait_for(lock, patience, [&shared] { return !shared.busy; })) return {};
    shared.prompt = false;
    return failure(who_ + " has not answered within " + std::to_string(patience.count()) + " ms");
}

}  // namespace pifleet::node
