#include "common/http/resolve.hpp"

#include "common/http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

struct Looked {
    int code = EAI_AGAIN;  // getaddrinfo's
    int system = 0;        // errno with EAI_SYSTEM
    Endpoints endpoints;
};

Looked look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    Looked out;
    out.code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    out.system = errno;
    if (out.code != 0) return out;
    for (const auto* each = list; each; each = each->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (each->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
        endpoint.resize(each->ai_addrlen);
        out.endpoints.push_back(endpoint);
    }
    freeaddrinfo(list);
    return out;
}

struct Question {
    Question(std::string h, std::uint16_t p) : host(std::move(h)), port(p) {}
    const std::string host;
    const std::uint16_t port;

    std::mutex mutex;                     // guards what follows
    asio::steady_timer* waker = nullptr;  // of the coroutine that waits; null once it has gone
    bool answered = false;
    Looked answer;
};

void answer(const std::shared_ptr<Question>& question) {
    auto looked = look_up(question->host, question->port, 0);
    const std::lock_guard lock(question->mutex);
    question->answer = std::move(looked);
    question->answered = true;
    // While somebody waits, his executor lives.
    if (!question->waker) return;
    asio::post(question->waker->get_executor(), [question] {
        const std::lock_guard again(question->mutex);
        if (question->waker) question->waker->cancel();
    });
}

class Threads {
  public:
    void ask(std::shared_ptr<Question> question) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(question));
        if (running_ == most) return;
        std::thread([this] { work(); }).detach();
        ++running_;
    }

  private:
    static constexpr int most = 4;

    void work() {
        for (;;) {
            std::shared_ptr<Question> next;
            {
                const std::lock_guard lock(mutex_);
                if (waiting_.empty()) {
                    --running_;
                    return;
                }
                next = std::move(waiting_.front());
                waiting_.pop_front();
            }
            if (next.use_count() > 1) answer(next);  // else nobody waits any more
        }
    }

    std::mutex mutex_;
    std::deque<std::shared_ptr<Question>> waiting_;
    int running_ = 0;
};

// Never destroyed: a thread may still be inside getaddrinfo when the process ends.
Threads& threads() {
    static auto& all = *new Threads;
    return all;
}

class Waiting {
  public:
    Waiting(Question& question, asio::steady_timer& waker) : question_(question) { set(&waker); }
    ~Waiting() { set(nullptr); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    void set(asio::steady_timer* waker) {
        const std::lock_guard lock(question_.mutex);
        question_.waker = waker;
    }
    Question& question_;
};

Result<Endpoints> to_result(Looked looked) {
    if (looked.code == EAI_SYSTEM) return failure(std::strerror(looked.system));
    if (looked.code != 0) return failure(gai_strerror(looked.code));
    if (looked.endpoints.empty()) return failure("it has no address");
    return std::move(looked.endpoints);
}

}  // namespace

asio::awaitable<Result<Endpoints>> resolve(std::string host,
                                           std::uint16_t port,
                                           std::chrono::steady_clock::time_point deadline) {
    auto literal = look_up(host, port, AI_NUMERICHOST);
    if (literal.code == 0) co_return to_result(std::move(literal));

    const auto began = std::chrono::steady_clock::now();
    auto question = std::make_shared<Question>(std::move(host), port);
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    const Waiting waiting(*question, timer);
    try {
        threads().ask(question);
    } catch (const std::system_error& error) {
        co_return failure(std::string("no thread for the resolver: ") + error.what());
    }
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    const std::lock_guard lock(question->mutex);
    if (!question->answered) co_return failure(no_answer_within(deadline - began));
    co_return to_result(std::move(question->answer));
}

}  // namespace pifleet::http
