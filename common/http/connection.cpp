// Nothing is read before it is there and no buffer is held meanwhile: what waits costs little. One timer cuts
// whatever is under way.
#include "common/http/connection.hpp"

#include "common/http/resolve.hpp"
#include "common/http/tls_stream.hpp"
#include "common/http/tunnel.hpp"
#include "common/http/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
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
using Wait = tcp::socket::wait_type;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr unsigned most_in_a_row = 4;  // reads that found something at once; then others have their turn
constexpr std::size_t record = 16 * 1024;
constexpr int many_bytes = 64 * 1024;  // half of what a socket holds at first: its peer is not held up

// A peer that lost its power says nothing more; these ask.
void ask_whether_alive(int socket, std::chrono::seconds quiet) {
    const int on = 1, seconds = static_cast<int>(quiet.count()), times = 4;
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

}  // namespace

struct Connection::Impl : std::enable_shared_from_this<Impl> {
    explicit Impl(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}

    static asio::awaitable<Result<std::shared_ptr<Impl>>> connect(asio::any_io_executor executor,
                                                                  std::vector<tcp::endpoint> endpoints,
                                                                  Deadline deadline);
    asio::awaitable<Result<void>> shake_hands(const Destination& destination, Deadline deadline);
    asio::awaitable<error_code> wait(Wait what);
    asio::awaitable<error_code> ready(TlsStream::Wants what);
    asio::awaitable<error_code> wait_for_many(std::chrono::milliseconds time);
    void ready_from(int bytes);
    asio::awaitable<error_code> write_encrypted(std::string_view text);

    void expires_at(Deadline when);
    void arm();
    error_code or_late(error_code error) const {
        return error && late ? make_error_code(beast::error::timeout) : error;
    }

    tcp::socket socket;
    asio::steady_timer timer;
    Deadline deadline = Deadline::max();
    bool armed = false;  // the timer runs, and not past the deadline
    bool late = false;
    unsigned in_a_row = 0;
    std::unique_ptr<TlsStream> tls;
};

void Connection::Impl::expires_at(Deadline when) {
    late = false;
    deadline = when;
    // A timer that is early looks again; setting it anew at every piece would cost more.
    if (!armed || timer.expiry() > when) arm();
}

void Connection::Impl::arm() {
    armed = true;
    timer.expires_at(deadline);
    timer.async_wait([weak = weak_from_this()](const error_code& error) {
        const auto self = weak.lock();
        if (error || !self || !self->armed) return;
        self->armed = false;
        if (Clock::now() < self->deadline) return self->arm();
        self->late = true;
        error_code ignored;
        self->socket.cancel(ignored);
    });
}

asio::awaitable<error_code> Connection::Impl::wait(Wait what) {
    in_a_row = 0;
    if (late || Clock::now() >= deadline) co_return make_error_code(beast::error::timeout);
    auto [error] = co_await socket.async_wait(what, as_result);
    co_return or_late(error);
}

// Once so many bytes have come, or its end, the socket is ready.
void Connection::Impl::ready_from(int bytes) {
    error_code ignored;
    socket.set_option(asio::socket_base::receive_low_watermark(bytes), ignored);
}

// For a while the socket is ready for many bytes only: the reactor would wake up for each packet. When the
// time is over the kernel tells what lies there already.
asio::awaitable<error_code> Connection::Impl::wait_for_many(std::chrono::milliseconds time) {
    if (time.count() <= 0) co_return co_await wait(Wait::wait_read);
    ready_from(many_bytes);
    asio::steady_timer resting(socket.get_executor(), time);
    resting.async_wait([weak = weak_from_this()](const error_code& error) {
        if (const auto self = weak.lock(); self && !error) self->ready_from(1);
    });
    const auto error = co_await wait(Wait::wait_read);
    ready_from(1);
    co_return error;
}

asio::awaitable<error_code> Connection::Impl::ready(TlsStream::Wants what) {
    co_return co_await wait(what == TlsStream::Wants::write ? Wait::wait_write : Wait::wait_read);
}

asio::awaitable<Result<void>> Connection::Impl::shake_hands(const Destination& destination, Deadline limit) {
    const auto& options = destination.options;
    const auto& name = options.tls.server_name.empty() ? destination.origin.host : options.tls.server_name;
    auto opened =
        TlsStream::open(destination.tls, socket.native_handle(), name, destination.origin.authority());
    if (!opened) co_return opened.error();
    tls = std::move(*opened);

    const auto began = Clock::now();
    const auto most = options.handshake.count() > 0 ? options.handshake : options.connect;
    const auto until = std::min(limit, began + most);
    expires_at(until);
    for (;;) {
        const auto done = tls->shake_hands();
        if (done.error) co_return failure(tls->reason(done.error));
        if (done.wants == TlsStream::Wants::nothing) co_return Result<void>{};
        const auto error = co_await ready(done.wants);
        if (timed_out(error)) co_return failure(no_answer_within(until - began));
        if (error) co_return failure(tls->reason(error));
    }
}

// The addresses in turn, each with its share of the time that is left: one that swallows packets (IPv6 that
// leads nowhere) does not eat the time of the one that works.
asio::awaitable<Result<std::shared_ptr<Connection::Impl>>> Connection::Impl::connect(
    asio::any_io_executor executor, std::vector<tcp::endpoint> endpoints, Deadline deadline) {
    std::string why;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const auto began = Clock::now();
        const auto until = began + (deadline - began) / static_cast<Clock::rep>(endpoints.size() - i);
        auto impl = std::make_shared<Impl>(executor);
        impl->expires_at(until);
        auto [error] = co_await impl->socket.async_connect(endpoints[i], as_result);
        error = impl->or_late(error);
        if (!error) {
            impl->socket.set_option(tcp::no_delay(true), error);
            co_return std::move(impl);
        }
        why = timed_out(error) ? no_answer_within(until - began) : error.message();
    }
    co_return failure(why);
}

Connection::Connection(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() {
    impl_->timer.cancel();
}

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
    if (options.keepalive.count() > 0)
        ask_whether_alive(connection->impl_->socket.native_handle(), options.keepalive);
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
    impl_->expires_at(deadline);
}

void Connection::rest() {
    impl_->armed = false;
    impl_->timer.cancel();
}

asio::awaitable<error_code> Connection::readable(std::chrono::milliseconds rest) {
    auto& self = *impl_;
    if (!self.tls) {
        char byte = 0;
        const auto got = ::recv(self.socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got >= 0 || errno != EAGAIN) co_return error_code{};  // for read_some() to find out
        co_return co_await self.wait_for_many(rest);
    }
    for (;;) {
        const auto done = self.tls->peek();
        if (done.error || done.wants == TlsStream::Wants::nothing) co_return done.error;
        self.tls->rest();
        error_code error;
        if (done.wants == TlsStream::Wants::read)
            error = co_await self.wait_for_many(std::exchange(rest, {}));
        else
            error = co_await self.ready(done.wants);
        if (error) co_return error;
    }
}

asio::awaitable<Connection::Read> Connection::read_some(asio::mutable_buffer space) {
    auto& self = *impl_;
    if (++self.in_a_row > most_in_a_row) {
        self.in_a_row = 0;
        co_await asio::post(self.socket.get_executor(), asio::use_awaitable);
    }
    for (;;) {
        TlsStream::Done done;
        if (self.tls) {
            done = self.tls->read(static_cast<char*>(space.data()), space.size());
        } else {
            const auto got = ::recv(self.socket.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
            const bool later = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
            if (got > 0) done.size = static_cast<std::size_t>(got);
            if (got == 0) done.error = asio::error::eof;
            if (later) done.wants = TlsStream::Wants::read;
            if (got < 0 && !later) done.error = {errno, boost::system::system_category()};
        }
        if (done.wants == TlsStream::Wants::nothing) co_return Read{done.error, done.size};
        const auto error = co_await self.ready(done.wants);
        if (error) co_return Read{error, 0};
    }
}

asio::awaitable<error_code> Connection::Impl::write_encrypted(std::string_view text) {
    while (!text.empty()) {
        const auto done = tls->write(text);
        if (done.error) co_return done.error;
        text.remove_prefix(done.size);
        if (done.wants == TlsStream::Wants::nothing) continue;
        const auto error = co_await ready(done.wants);
        if (error) co_return error;
    }
    co_return error_code{};
}

asio::awaitable<error_code> Connection::write(std::string_view head, std::string_view body) {
    auto& self = *impl_;
    if (!self.tls) {
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body)};
        auto [error, size] = co_await asio::async_write(self.socket, pieces, as_result);
        co_return self.or_late(error);
    }
    // Head and body in one record where they fit.
    std::string first(head);
    const auto with = body.substr(0, record - std::min(record, head.size()));
    first += with;
    const auto error = co_await self.write_encrypted(first);
    if (error) co_return error;
    co_return co_await self.write_encrypted(body.substr(with.size()));
}

// Bytes that came unasked are a farewell too (a 408), except under TLS, where session tickets come when they
// like.
bool Connection::closed_meanwhile() {
    char byte = 0;
    const auto got = ::recv(impl_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    return got == 0 || !impl_->tls;
}

bool Connection::peer_has_closed() const {
    pollfd socket{impl_->socket.native_handle(), POLLRDHUP, 0};
    return ::poll(&socket, 1, 0) != 0;
}

std::size_t Connection::unacknowledged() const {
    int bytes = 0;
    const auto done = ::ioctl(impl_->socket.native_handle(), SIOCOUTQ, &bytes);
    return done == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

std::string Connection::reason(const error_code& error) const {
    return impl_->tls ? impl_->tls->reason(error) : error.message();
}

bool timed_out(const error_code& error) {
    return error == beast::error::timeout;
}

bool hung_up(const error_code& error) {
    return error == asio::error::eof || error == asio::error::connection_reset ||
           error == asio::error::broken_pipe || error == ssl::error::stream_truncated;
}

}  // namespace pifleet::http
