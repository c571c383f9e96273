#include "exporters/node/collectors/mount_prober.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace pifleet::node {

namespace {

using Clock = std::chrono::steady_clock;

// One thread asks healthy mounts faster than a second one could be woken; another helps when it takes longer
// than this.
constexpr std::chrono::milliseconds patience{10};

int system_statfs(const char* path, struct statfs* usage) {
    return ::statfs(path, usage) == 0 ? 0 : errno;
}

Probe probe_of(MountProber::Statfs statfs, const std::string& path) {
    Probe probe;
    probe.code = statfs(path.c_str(), &probe.usage);
    probe.state = probe.code == 0 ? Probe::State::answered : Probe::State::failed;
    return probe;
}

struct Job {
    explicit Job(std::string p) : path(std::move(p)) {}
    std::string path;
    Probe probe;
};

}  // namespace

struct MountProber::Shared : std::enable_shared_from_this<Shared> {
    std::mutex mutex;
    std::condition_variable work;      // for the threads: a job or the end
    std::condition_variable progress;  // for the asker: no job is waiting any more, and one is done
    std::deque<std::shared_ptr<Job>> queue;
    std::map<std::string, std::shared_ptr<Job>>
        running;  // by path; those of earlier calls are the parked ones
    unsigned most_threads = 1;
    unsigned threads = 0;
    bool stopping = false;
    Statfs statfs = system_statfs;

    void call_thread(std::unique_lock<std::mutex>& lock);
    void start_thread();
    void run();
};

// Sees that somebody works on the queue: an idle thread, else a new one.
void MountProber::Shared::call_thread(std::unique_lock<std::mutex>& lock) {
    if (queue.empty()) return;
    if (threads > running.size()) {
        lock.unlock();  // or who is woken would run into the lock
        work.notify_one();
        lock.lock();
    } else if (threads < most_threads) {
        start_thread();
    }
}

void MountProber::Shared::start_thread() {
    try {
        std::thread([self = shared_from_this()] { self->run(); }).detach();
        ++threads;
    } catch (
        const std::system_error&) {  // no thread to be had: those that are there go on, the time limit holds
    }
}

void MountProber::Shared::run() {
    std::unique_lock lock(mutex);
    for (;;) {
        work.wait(lock, [this] { return stopping || !queue.empty(); });
        if (stopping) return;
        const auto job = std::move(queue.front());
        queue.pop_front();
        running.emplace(job->path, job);
        lock.unlock();
        const auto probe = probe_of(statfs, job->path);
        lock.lock();
        job->probe = probe;
        running.erase(job->path);
        if (!queue.empty()) continue;
        lock.unlock();
        progress.notify_one();
        lock.lock();
    }
}

MountProber::MountProber(unsigned threads, Statfs replacement) : shared_(std::make_shared<Shared>()) {
    shared_->most_threads = std::max(1u, threads);
    if (replacement != nullptr) shared_->statfs = replacement;
}

MountProber::~MountProber() {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
    shared_->work.notify_all();
}

std::vector<Probe> MountProber::ask(std::span<const std::string> paths, std::chrono::milliseconds limit) {
    auto& shared = *shared_;
    const auto deadline = Clock::now() + limit;
    std::unique_lock lock(shared.mutex);
    const auto parked = shared.running;
    std::vector<std::shared_ptr<Job>> jobs;
    for (const auto& path : paths) {
        auto job = std::make_shared<Job>(path);
        if (parked.contains(path))
            job->probe.state = Probe::State::no_answer;
        else if (parked.size() < shared.most_threads)
            shared.queue.push_back(job);
        jobs.push_back(std::move(job));
    }
    const auto busy = [&] {  // with what was asked for now
        return !shared.queue.empty() ||
               std::any_of(shared.running.begin(), shared.running.end(), [&](const auto& entry) {
                   return !parked.contains(entry.first);
               });
    };
    while (busy() && Clock::now() < deadline) {
        shared.call_thread(lock);
        if (busy()) shared.progress.wait_until(lock, std::min(deadline, Clock::now() + patience));
    }
    shared.queue.clear();
    std::vector<Probe> probes;
    for (const auto& job : jobs) {
        const auto running = shared.running.find(job->path);
        if (running != shared.running.end() && running->second == job)
            job->probe.state = Probe::State::no_answer;
        probes.push_back(job->probe);
    }
    return probes;
}

Probe MountProber::ask_here(const std::string& path) const {
    return probe_of(shared_->statfs, path);
}

}  // namespace pifleet::node
