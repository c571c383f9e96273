#include "common/base/blocking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace pifleet {

namespace {

namespace asio = boost::asio;

struct Task {
    explicit Task(std::function<void()> w) : work(std::move(w)) {}
    const std::function<void()> work;

    std::mutex mutex;                     // guards what follows
    asio::steady_timer* waker = nullptr;  // of the coroutine that waits; null once it has gone
    bool ended = false;
};

void run(const std::shared_ptr<Task>& task) {
    task->work();
    const std::lock_guard lock(task->mutex);
    task->ended = true;
    // While somebody waits, his executor lives.
    if (!task->waker) return;
    asio::post(task->waker->get_executor(), [task] {
        const std::lock_guard again(task->mutex);
        if (task->waker) task->waker->cancel();
    });
}

class Waiting {
  public:
    Waiting(Task& task, asio::steady_timer& waker) : task_(task) { set(&waker); }
    ~Waiting() { set(nullptr); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    void set(asio::steady_timer* waker) {
        const std::lock_guard lock(task_.mutex);
        task_.waker = waker;
    }
    Task& task_;
};

}  // namespace

struct BlockingThreads::Impl : std::enable_shared_from_this<Impl> {
    explicit Impl(int m) : most(m) {}

    void add(std::shared_ptr<Task> task) {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(task));
        if (running == most) return;
        std::thread([self = shared_from_this()] { self->work(); }).detach();
        ++running;
    }

    void work() {
        for (;;) {
            std::shared_ptr<Task> next;
            {
                const std::lock_guard lock(mutex);
                if (waiting.empty()) {
                    --running;
                    return;
                }
                next = std::move(waiting.front());
                waiting.pop_front();
            }
            if (next.use_count() > 1) run(next);  // else nobody waits any more
        }
    }

    const int most;
    std::mutex mutex;
    std::deque<std::shared_ptr<Task>> waiting;
    int running = 0;
};

BlockingThreads::BlockingThreads(int most) : impl_(std::make_shared<Impl>(most)) {}

namespace {

// Never destroyed: a thread may still be at work when the process ends.
const BlockingThreads& shared_threads() {
    static const auto& all = *new BlockingThreads(4);
    return all;
}

}  // namespace

asio::awaitable<Result<bool>> run_blocking(std::function<void()> work,
                                           std::chrono::steady_clock::time_point deadline,
                                           const BlockingThreads* own) {
    auto task = std::make_shared<Task>(std::move(work));
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    const Waiting waiting(*task, timer);
    try {
        (own != nullptr ? *own : shared_threads()).impl()->add(task);
    } catch (const std::system_error& error) {
        co_return failure(std::string("no thread to be had: ") + error.what());
    }
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const std::lock_guard lock(task->mutex);
    co_return task->ended;
}

}  // namespace pifleet
