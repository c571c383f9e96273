#include "common/http/server.hpp"

#include "common/http/gzip.hpp"
#include "common/http/listen.hpp"
#include "common/http/session.hpp"
#include "common/process/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <list>
#include <set>
#include <utility>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t refusals_at_once = 16;
constexpr std::chrono::milliseconds accept_pause{100};  // when the process has no descriptor left

void pack(Response& response, bool wanted) {
    if (!response.compress) return;
    response.headers.push_back({"Vary", "Accept-Encoding"});
    if (!wanted || (response.body.empty() && response.source == nullptr)) return;
    if (response.source != nullptr)
        response.source = gzip(std::move(response.source));
    else
        response.body = gzip(response.body);
    response.headers.push_back({"Content-Encoding", "gzip"});
}

void log_escaped(std::exception_ptr thrown) {
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        log::error("an HTTP connection ended by an exception", {{"error", error.what()}});
    }
}

}  // namespace

struct Server::Impl {
    // A connection in the server's books. It holds the Impl, which so stays as long as the last of them.
    struct Client {
        Client(std::shared_ptr<Impl> o, tcp::socket socket, bool is_served, std::unique_ptr<TlsEngine> engine)
            : owner(std::move(o)),
              served(is_served),
              session(std::move(socket), owner->limits, std::move(engine)) {
            owner->clients.insert(this);
            owner->served += served;
        }
        ~Client() {
            owner->clients.erase(this);
            owner->served -= served;
        }
        const std::shared_ptr<Impl> owner;
        const bool served;  // or just being turned away
        Session session;
        bool answering = false;  // a whole request has come and its answer has not gone yet
    };

    Impl(asio::io_context& context, Handler h, ServerLimits l, TlsMaker t)
        : io(context), handler(std::move(h)), limits(l), tls(std::move(t)) {}

    static asio::awaitable<void> accept(std::shared_ptr<Impl> self, tcp::acceptor& acceptor);
    static void add(const std::shared_ptr<Impl>& self, tcp::acceptor acceptor);
    static asio::awaitable<void> serve(std::unique_ptr<Client> client);
    static asio::awaitable<void> turn_away(std::unique_ptr<Client> client);

    void take(const std::shared_ptr<Impl>& self, tcp::socket socket);
    asio::awaitable<bool> exchange(Client& client);
    asio::awaitable<Response> handle(Request request);

    asio::io_context& io;
    Handler handler;
    ServerLimits limits;
    TlsMaker tls;  // empty: plain text
    std::list<tcp::acceptor> acceptors;
    std::set<Client*> clients;
    std::size_t served = 0;
    bool stopping = false;
};

asio::awaitable<Response> Server::Impl::handle(Request request) {
    const std::string what = request.method + ' ' + std::string(request.path());
    std::string reason = "unknown";
    try {
        auto pending = handler(std::move(request));
        co_return co_await std::move(pending);
    } catch (const std::exception& error) {
        reason = error.what();
    } catch (...) {
    }
    log::error("an HTTP request failed", {{"request", what}, {"error", reason}});
    co_return text_response(500, "internal server error\n");
}

// Reads one request and answers it. Whether the connection is good for another one.
asio::awaitable<bool> Server::Impl::exchange(Client& client) {
    auto incoming = co_await client.session.read();
    if (!incoming) co_return false;
    client.answering = true;
    const bool is_head = incoming->request.method == "HEAD";
    const bool gzip_wanted = accepts_gzip(find_header(incoming->request.headers, "Accept-Encoding"));
    auto response = co_await handle(std::move(incoming->request));
    pack(response, gzip_wanted);
    const bool keep = incoming->keep && !stopping;
    const bool written = co_await client.session.write(response, incoming->version, keep, !is_head);
    client.answering = false;
    co_return (written && keep && !stopping);
}

asio::awaitable<void> Server::Impl::serve(std::unique_ptr<Client> client) {
    auto& impl = *client->owner;
    const bool secured = co_await client->session.shake_hands();
    if (!secured) co_return;
    // `idle` is for who has asked something before.
    auto patience = impl.limits.head.count() > 0 ? impl.limits.head : impl.limits.read;
    for (bool kept = true; kept; patience = impl.limits.idle) {
        const bool begun = co_await client->session.wait(patience);
        if (!begun) co_return;
        kept = co_await impl.exchange(*client);
    }
    co_await client->session.farewell();
}

asio::awaitable<void> Server::Impl::turn_away(std::unique_ptr<Client> client) {
    co_await client->session.refuse(503);
    co_await client->session.farewell();
}

void Server::Impl::take(const std::shared_ptr<Impl>& self, tcp::socket socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const bool room = served < limits.connections;
    // Past some refusals at a time the socket just closes: a flood gets no politeness, nor a handshake for
    // it.
    if (!room && (tls || clients.size() - served >= refusals_at_once)) return;
    std::unique_ptr<TlsEngine> engine;
    if (tls) {
        auto made = tls();
        if (!made) return log::error("an HTTPS client cannot be served", {{"err", made.error()}});
        engine = std::move(*made);
    }
    auto client = std::make_unique<Client>(self, std::move(socket), room, std::move(engine));
    asio::co_spawn(io, room ? serve(std::move(client)) : turn_away(std::move(client)), log_escaped);
}

asio::awaitable<void> Server::Impl::accept(std::shared_ptr<Impl> self, tcp::acceptor& acceptor) {
    asio::steady_timer pause(self->io);
    while (!self->stopping) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (self->stopping) co_return;
        if (!error) {
            self->take(self, std::move(socket));
            continue;
        }
        log::error("cannot accept an HTTP connection", {{"error", error.message()}});
        pause.expires_after(accept_pause);
        co_await pause.async_wait(as_result);
    }
}

void Server::Impl::add(const std::shared_ptr<Impl>& self, tcp::acceptor acceptor) {
    auto& kept = self->acceptors.emplace_back(std::move(acceptor));
    asio::co_spawn(self->io, accept(self, kept), log_escaped);
}

Server::Server(asio::io_context& io, Handler handler, ServerLimits limits, TlsMaker tls)
    : impl_(std::make_shared<Impl>(io, std::move(handler), limits, std::move(tls))) {}

Server::~Server() {
    stop();
    for (auto* client : impl_->clients) client->session.close();
}

Result<std::uint16_t> Server::listen(const std::string& address) {
    auto acceptor = open_acceptor(impl_->io, address);
    if (!acceptor) return acceptor.error();
    error_code error;
    const auto local = acceptor->local_endpoint(error);
    if (error) return failure("cannot listen on " + address + ": " + error.message());
    Impl::add(impl_, std::move(*acceptor));
    return local.port();
}

Result<std::string> Server::listen_on(int descriptor) {
    auto acceptor = adopt_acceptor(impl_->io, descriptor);
    if (!acceptor) return acceptor.error();
    error_code error;
    const auto local = acceptor->local_endpoint(error);
    if (error)
        return failure("cannot listen on descriptor " + std::to_string(descriptor) + ": " + error.message());
    Impl::add(impl_, std::move(*acceptor));
    return local.address().to_string() + ' ' + std::to_string(local.port());
}

void Server::stop() {
    impl_->stopping = true;
    for (auto& acceptor : impl_->acceptors) {
        error_code ignored;
        acceptor.close(ignored);
    }
    for (auto* client : impl_->clients)
        if (!client->answering) client->session.close();
}

}  // namespace pifleet::http
