#include "tests/bench/house/tls_front.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace pifleet::bench {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

struct Passage {  // one connection and what it is passed on to
    Passage(tcp::socket socket, asio::ssl::context& context)
        : outside(std::move(socket), context), inside(outside.get_executor()) {}
    asio::ssl::stream<tcp::socket> outside;
    tcp::socket inside;

    void close() {
        boost::system::error_code ignored;
        outside.lowest_layer().close(ignored);
        inside.close(ignored);
    }
};

template <class From, class To>
asio::awaitable<void> pump(std::shared_ptr<Passage> passage, From& from, To& to) {
    std::array<char, 16 * 1024> piece;
    for (;;) {
        const auto [read_error, size] = co_await from.async_read_some(asio::buffer(piece), as_result);
        if (read_error) break;
        const auto [write_error, written] =
            co_await asio::async_write(to, asio::buffer(piece.data(), size), as_result);
        if (write_error) break;
    }
    passage->close();
}

asio::awaitable<void> pass(std::shared_ptr<Passage> passage, tcp::endpoint to) {
    const auto [no_handshake] =
        co_await passage->outside.async_handshake(asio::ssl::stream_base::server, as_result);
    if (no_handshake) co_return;
    const auto [unconnected] = co_await passage->inside.async_connect(to, as_result);
    if (unconnected) co_return;
    const auto executor = passage->inside.get_executor();
    asio::co_spawn(executor, pump(passage, passage->inside, passage->outside), asio::detached);
    co_await pump(passage, passage->outside, passage->inside);
}

}  // namespace

struct TlsFront::Impl {
    Impl(asio::io_context& io, std::uint16_t port)
        : acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          to(asio::ip::address_v4::loopback(), port) {}

    asio::awaitable<void> accept() {
        for (;;) {
            auto [error, socket] = co_await acceptor.async_accept(as_result);
            if (error) co_return;
            auto passage = std::make_shared<Passage>(std::move(socket), context);
            asio::co_spawn(acceptor.get_executor(), pass(std::move(passage), to), asio::detached);
        }
    }

    asio::ssl::context context{asio::ssl::context::tls_server};
    tcp::acceptor acceptor;
    tcp::endpoint to;
};

Result<std::unique_ptr<TlsFront>> TlsFront::open(asio::io_context& io,
                                                 const std::string& file,
                                                 std::uint16_t to) {
    auto impl = std::make_unique<Impl>(io, to);
    boost::system::error_code error;
    impl->context.use_certificate_chain_file(file, error);
    if (!error) impl->context.use_private_key_file(file, asio::ssl::context::pem, error);
    if (error) return failure(file + ": " + error.message());
    asio::co_spawn(io, impl->accept(), asio::detached);
    return std::unique_ptr<TlsFront>(new TlsFront(std::move(impl)));
}

TlsFront::TlsFront(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsFront::~TlsFront() = default;

std::uint16_t TlsFront::port() const {
    return impl_->acceptor.local_endpoint().port();
}

}  // namespace pifleet::bench
