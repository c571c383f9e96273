// beast::tcp_stream gives the sockets their timeouts; TLS lies above it, so that they hold for its reads and
// writes too.
#include "common/http/connection.hpp"

#include "common/http/resolve.hpp"
#include "common/http/tls.hpp"
#include "common/http/tunnel.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Connection::Impl {
    explicit Impl(const asio::any_io_executor& executor) : tcp_layer(executor) {}

    static asio::awaitable<Result<std::unique_ptr<Impl>>> connect(asio::any_io_executor executor,
                                                                  std::vector<tcp::endpoint> endpoints,
                                                                  Deadline deadline);
    asio::awaitable<Result<void>> shake_hands(const Destination& destination, Deadline deadline);

    beast::tcp_stream tcp_layer;
    TlsContext context;
    std::string peer;  // the name that its certificate must have
    std::optional<ssl::stream<beast::tcp_stream&>> tls_layer;
};

asio::awaitable<Result<void>> Connection::Impl::shake_hands(const Destination& destination,
                                                            Deadline deadline) {
    const auto& options = destination.options;
    context = destination.tls;
    peer = options.tls.server_name.empty() ? destination.origin.host : options.tls.server_name;
    tls_layer.emplace(tcp_layer, *context);
    if (auto expecting = expect_peer(tls_layer->native_handle(), peer); !expecting) co_return expecting;

    const auto began = Clock::now();
    const auto until = std::min(deadline, began + options.connect);
    tcp_layer.expires_at(until);
    auto [error] = co_await tls_layer->async_handshake(ssl::stream_base::client, as_result);
    if (timed_out(error)) co_return failure(no_answer_within(until - began));
    if (error) co_return failure(tls_reason(tls_layer->native_handle(), error, peer));
    co_return Result<void>{};
}

// The addresses in turn, each with its share of the time that is left: one that swallows packets (IPv6 that
// leads nowhere) does not eat the time of the one that works.
asio::awaitable<Result<std::unique_ptr<Connection::Impl>>> Connection::Impl::connect(
    asio::any_io_executor executor, std::vector<tcp::endpoint> endpoints, Deadline deadline) {
    std::string why;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto began = Clock::now();
        const auto until = began + (deadline - began) / static_cast<Clock::rep>(endpoints.size() - i);
        auto impl = std::make_unique<Impl>(executor);
        impl->tcp_layer.expires_at(until);
        auto [error] = co_await impl->tcp_layer.async_connect(endpoints[i], as_result);
        if (!error) {
            impl->tcp_layer.socket().set_option(tcp::no_delay(true), error);
            co_return std::move(impl);
        }
        why = timed_out(error) ? no_answer_within(until - began) : error.message();
    }
    co_return failure(why);
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

asio::awaitable<Result<std::unique_ptr<Connection>>> Connection::open(asio::any_io_executor executor,
                                                                      const Destination& destination,
                                                                      Deadline deadline) {
    const auto& origin = destination.origin;
    const auto& options = destination.options;
    const auto& next = destination.proxy != nullptr ? *destination.proxy : origin;
    const std::string whom = (destination.proxy != nullptr ? "the proxy " : "") + next.authority();
    auto until = std::min(deadline, Clock::now() + options.connect);
    auto endpoints = co_await resolve(next.host, next.port, until);
    if (!endpoints) co_return failure("cannot resolve '" + next.host + "': " + endpoints.error().message);
    until = std::min(deadline, Clock::now() + options.connect);
    auto impl = co_await Impl::connect(executor, std::move(*endpoints), until);
    if (!impl) co_return failure("cannot connect to " + whom + ": " + impl.error().message);
    std::unique_ptr<Connection> connection(new Connection(std::move(*impl)));
    if (!origin.tls) co_return std::move(connection);
    if (destination.proxy != nullptr) {
        auto head = connect_head(origin, next, options.proxy->connect_headers);
        if (!head) co_return head.error();
        connection->expires_at(std::min(deadline, Clock::now() + options.connect));
        const auto dug = co_await dig_tunnel(*connection, std::move(*head), options.header_bytes);
        if (!dug)
            co_return failure("cannot connect to " + origin.authority() + " through " + whom + ": " +
                              dug.error().message);
    }
    const auto shaken = co_await connection->impl_->shake_hands(destination, deadline);
    if (!shaken)
        co_return failure("cannot connect to " + origin.authority() + " by TLS: " + shaken.error().message);
    co_return std::move(connection);
}

void Connection::expires_at(Deadline deadline) {
    impl_->tcp_layer.expires_at(deadline);
}

asio::awaitable<Connection::Read> Connection::read_some(asio::mutable_buffer space) {
    Read out;
    if (impl_->tls_layer)
        std::tie(out.error, out.size) = co_await impl_->tls_layer->async_read_some(space, as_result);
    else
        std::tie(out.error, out.size) = co_await impl_->tcp_layer.async_read_some(space, as_result);
    co_return out;
}

asio::awaitable<error_code> Connection::write(std::string_view head, std::string_view body) {
    const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body)};
    error_code error;
    std::size_t size = 0;
    if (impl_->tls_layer)
        std::tie(error, size) = co_await asio::async_write(*impl_->tls_layer, pieces, as_result);
    else
        std::tie(error, size) = co_await asio::async_write(impl_->tcp_layer, pieces, as_result);
    co_return error;
}

// Bytes that came unasked are a farewell too (a 408), except under TLS, where session tickets come when they
// like.
bool Connection::closed_meanwhile() {
    char byte = 0;
    const auto got = ::recv(impl_->tcp_layer.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    return got == 0 || !impl_->tls_layer;
}

std::string Connection::reason(const error_code& error) const {
    return impl_->tls_layer ? tls_reason(impl_->tls_layer->native_handle(), error, impl_->peer)
                            : error.message();
}

bool timed_out(const error_code& error) {
    return error == beast::error::timeout;
}

bool hung_up(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset ||
           error == asio::error::broken_pipe || error == ssl::error::stream_truncated;
}

}  // namespace pifleet::http
