#include "common/http/client.hpp"

#include "common/http/connection.hpp"
#include "common/http/exchange.hpp"
#include "common/http/gather.hpp"
#include "common/http/redirect.hpp"
#include "common/http/tls.hpp"
#include "common/http/wire.hpp"

#include <optional>
#include <utility>

namespace pifleet::http {

namespace asio = boost::asio;

namespace {

// What is kept of an origin between requests.
struct Link {
    Url origin;
    TlsContext context = nullptr;  // held, so that a server which closes after every answer does not cost a
                                   // CA bundle each time
    std::unique_ptr<Connection> kept = nullptr;
};

bool same_origin(const Url& a, const Url& b) {
    return a.tls == b.tls && a.host == b.host && a.port == b.port;
}

}  // namespace

struct Client::Impl {
    asio::awaitable<Result<ResponseHead>> send(const Request& request, Deadline deadline, BodySink& sink);
    asio::awaitable<Result<ResponseHead>> once(Link& link,
                                               const Request& request,
                                               Deadline deadline,
                                               BodySink& sink);
    asio::awaitable<Result<Response>> gather(const Request& request, Deadline deadline, std::size_t max_body);
    asio::awaitable<Result<std::unique_ptr<Connection>>> connect(Link& link,
                                                                 const Url* proxy,
                                                                 Deadline deadline);
    Link& link_to(const Url& url);

    asio::any_io_executor executor;
    Link home;
    ClientOptions options;
    std::unique_ptr<Link> away = nullptr;  // where the last redirect led
};

asio::awaitable<Result<std::unique_ptr<Connection>>> Client::Impl::connect(Link& link,
                                                                           const Url* proxy,
                                                                           Deadline deadline) {
    if (link.origin.tls) {
        auto made = tls_context(options.tls);
        if (!made) co_return made.error();
        link.context = std::move(*made);
    }
    const Destination destination{link.origin, options, proxy, link.context};
    co_return co_await Connection::open(executor, destination, deadline);
}

Link& Client::Impl::link_to(const Url& url) {
    if (same_origin(home.origin, url)) return home;
    if (!away || !same_origin(away->origin, url)) away = std::make_unique<Link>(Link{url});
    return *away;
}

asio::awaitable<Result<ResponseHead>> Client::Impl::send(const Request& request,
                                                         Deadline deadline,
                                                         BodySink& sink) {
    if (options.redirects == 0) co_return co_await once(home, request, deadline, sink);
    RedirectSink passing(sink);
    auto head = co_await once(home, request, deadline, passing);
    if (!head || !passing.location()) co_return head;
    Trail trail(home.origin, request, options.redirects);
    while (head && passing.location()) {
        const auto followed = trail.follow(head->status, *passing.location());
        if (!followed) co_return followed.error();
        head = co_await once(link_to(trail.url()), trail.request(), deadline, passing);
    }
    co_return head;
}

asio::awaitable<Result<ResponseHead>> Client::Impl::once(Link& link,
                                                         const Request& request,
                                                         Deadline deadline,
                                                         BodySink& sink) {
    const auto began = std::chrono::steady_clock::now();
    std::optional<Url> proxy;
    if (options.proxy) {
        auto found = proxy_for(link.origin, *options.proxy);
        if (!found) co_return found.error();
        proxy = std::move(*found);
    }
    const Url* by_proxy = proxy ? &*proxy : nullptr;
    // Within a tunnel nobody sees that there is a proxy.
    auto head = request_head(request, link.origin, link.origin.tls ? nullptr : by_proxy);
    if (!head) co_return head.error();
    if (deadline <= began) co_return failure("no time left for the request");
    const Terms terms{std::move(*head), began, deadline, options.header_bytes, options.body_bytes};
    // Out of the link until the answer has come whole: whatever happens in between ends the connection.
    auto connection = std::move(link.kept);
    if (connection && connection->closed_meanwhile()) connection.reset();
    for (;;) {
        const bool reused = connection != nullptr;
        if (!reused) {
            auto opened = co_await connect(link, by_proxy, deadline);
            if (!opened) co_return opened.error();
            connection = std::move(*opened);
        }
        auto outcome = co_await exchange(*connection, request, terms, sink);
        if (outcome.unanswered && reused) {
            connection.reset();
            continue;
        }
        if (outcome.keep) {
            connection->rest();
            link.kept = std::move(connection);
        }
        co_return std::move(outcome.result);
    }
}

asio::awaitable<Result<Response>> Client::Impl::gather(const Request& request,
                                                       Deadline deadline,
                                                       std::size_t max_body) {
    Gather sink(max_body);
    auto head = co_await send(request, deadline, sink);
    if (!head) co_return head.error();
    co_return sink.response(std::move(*head));
}

Client::Client(asio::any_io_executor executor, const Url& origin, ClientOptions options)
    : impl_(std::make_unique<Impl>(Impl{std::move(executor), Link{origin}, std::move(options)})) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

asio::awaitable<Result<ResponseHead>> Client::send(const Request& request,
                                                   Deadline deadline,
                                                   BodySink& sink) {
    return impl_->send(request, deadline, sink);
}

asio::awaitable<Result<Response>> Client::send(const Request& request,
                                               Deadline deadline,
                                               std::size_t max_body) {
    return impl_->gather(request, deadline, max_body);
}

void Client::connect_within(std::chrono::milliseconds limit) {
    impl_->options.connect = limit;
}

void Client::close() {
    impl_->home.kept.reset();
    if (impl_->away) impl_->away->kept.reset();  // the link itself may be in use
}

}  // namespace pifleet::http
