// The plan says what to do, the answer tells it what came; between them this only sends and waits.
#include "common/kubernetes/watcher.hpp"

#include "common/kubernetes/answer.hpp"
#include "common/kubernetes/cluster_impl.hpp"
#include "common/process/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <random>
#include <utility>

namespace pifleet::kubernetes {

namespace asio = boost::asio;

namespace {

using State = WatcherStatus::State;

constexpr std::string_view table_type = "application/json;as=Table;v=v1;g=meta.k8s.io";

http::Request as_wanted(http::Request request, const WatcherOptions& options) {
    if (options.as_table) request.headers.front().value = table_type;
    return request;
}

}  // namespace

struct Watcher::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor e, std::shared_ptr<Cluster::Impl> c, WatcherOptions o, ObjectSink& s)
        : executor(std::move(e)),
          cluster(std::move(c)),
          options(std::move(o)),
          sink(&s),
          plan(options, std::random_device{}(), cluster->watch_list) {}

    asio::awaitable<void> run();
    asio::awaitable<void> request(Plan::Step step);
    asio::awaitable<void> ask(Plan::Step step);
    void take_login(LoginPtr now);
    void end(Answer& answer, const Result<http::ResponseHead>& head);
    void tell();

    const asio::any_io_executor executor;
    const std::shared_ptr<Cluster::Impl> cluster;
    const WatcherOptions options;
    ObjectSink* sink;  // null: stopped
    Plan plan;
    LoginPtr login;
    std::optional<http::Client> client;  // for that login
    asio::cancellation_signal cancel;
    State told = State::connecting;  // the last state that was logged
    unsigned failures = 0;           // in a row
    bool unreachable = false;        // the last failure was one of the whole server
};

asio::awaitable<void> Watcher::Impl::run() {
    while (sink != nullptr) {
        const auto step = plan.next(Plan::Clock::now());
        if (step.what != Plan::Do::wait) {
            co_await request(step);
            tell();
            continue;
        }
        asio::steady_timer timer(executor, step.wait);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    client.reset();
}

asio::awaitable<void> Watcher::Impl::request(Plan::Step step) {
    unreachable = false;
    auto now = co_await cluster->credentials.now();
    if (sink == nullptr) co_return;
    if (!now) {
        unreachable = true;
        plan.failed(now.error().message, Plan::Clock::now());
        co_return;
    }
    take_login(std::move(*now));
    co_await ask(std::move(step));
}

asio::awaitable<void> Watcher::Impl::ask(Plan::Step step) {
    const auto asked = as_wanted(cluster->request(step.target, *login), options);
    Answer answer(step, options, cluster->access.source, plan, sink);
    const auto deadline = *answer.deadline();
    const auto head = co_await client->send(asked, deadline, answer);
    if (sink != nullptr) end(answer, head);
}

void Watcher::Impl::take_login(LoginPtr now) {
    if (!client || login->tls != now->tls) client.emplace(cluster->client(*now));
    login = std::move(now);
}

void Watcher::Impl::end(Answer& answer, const Result<http::ResponseHead>& head) {
    if (answer.unauthorized()) cluster->credentials.refused(login);
    std::optional<Error> error;
    if (!head) error = cluster->explain(head.error());
    unreachable = error && !answer.begun();
    answer.finish(error ? &*error : nullptr, Plan::Clock::now());
}

// Once for each change; what is the whole server's doing once for all watchers.
void Watcher::Impl::tell() {
    const auto& status = plan.status();
    const bool good = status.state == State::listing || status.state == State::watching;
    if (unreachable || good) {
        if (std::exchange(cluster->reached, good) != good) {
            const log::Field server{"server", cluster->access.server.authority()};
            if (good)
                log::info("the Kubernetes API is reached again", {server});
            else
                log::warn("the Kubernetes API cannot be reached", {server, {"error", status.error}});
        }
        if (unreachable) return;
    }
    const auto state = good ? State::watching : status.state;
    // A watch that was cut is resumed at once, mostly, which is not worth a word.
    const bool cut = state == State::waiting && status.listed && ++failures < 2;
    if (good) failures = 0;
    if (state == told || state == State::connecting || cut) return;
    if (state == State::missing)
        log::info("the cluster has no such resource; asked again now and then", {{"path", options.path}});
    else if (state == State::forbidden)
        log::warn("not allowed to read this resource", {{"path", options.path}, {"error", status.error}});
    else if (state == State::waiting)
        log::warn("cannot read this resource", {{"path", options.path}, {"error", status.error}});
    else if (told != State::connecting)
        log::info("this resource is read again", {{"path", options.path}});
    told = state;
}

Watcher::Watcher(asio::any_io_executor executor, Cluster& cluster, WatcherOptions options, ObjectSink& sink)
    : impl_(std::make_shared<Impl>(std::move(executor), cluster.impl(), std::move(options), sink)) {}

Watcher::~Watcher() {
    stop();
}

void Watcher::start() {
    asio::co_spawn(
        impl_->executor,
        impl_->run(),
        asio::bind_cancellation_slot(impl_->cancel.slot(), [impl = impl_](const std::exception_ptr& thrown) {
            // Stopped, it ends by an exception; else a bug, for
            // main's catch.
            if (thrown && impl->sink != nullptr) std::rethrow_exception(thrown);
        }));
}

void Watcher::stop() {
    if (std::exchange(impl_->sink, nullptr) == nullptr) return;
    // The coroutine has its share of what it uses and ends when it is told.
    asio::post(impl_->executor, [impl = impl_] { impl->cancel.emit(asio::cancellation_type::terminal); });
}

const WatcherStatus& Watcher::status() const {
    return impl_->plan.status();
}

}  // namespace pifleet::kubernetes
