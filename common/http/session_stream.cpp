#include "common/http/session_stream.hpp"

#include "common/process/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 4096;
constexpr std::size_t tls_piece = 64 * 1024;     // of an answer, encrypted at a time
constexpr std::size_t plain_piece = 256 * 1024;  // of a body with a source, written at a time
constexpr std::size_t short_piece = 2048;        // cheaper copied than told to the system
constexpr std::size_t first_read = 1024;         // what a scraper asks fits; an idle connection holds no more
constexpr std::chrono::milliseconds last_wait{1000};  // for the client to read what was said last

// One write call for a page however large; Asio's own rule is 64 kB a call.
constexpr auto everything = [](const error_code& error, std::size_t) {
    return error ? 0 : std::numeric_limits<std::size_t>::max();
};

// The pieces for the system to write; neighbours that are short go together, by way of `joined`.
std::vector<asio::const_buffer> views_of(std::span<const std::string_view> pieces, std::string& joined) {
    std::size_t room = 0;
    for (const auto piece : pieces)
        if (piece.size() < short_piece) room += piece.size();
    joined.reserve(room);
    std::vector<asio::const_buffer> out;
    bool was_short = false;
    for (const auto piece : pieces) {
        const bool is_short = piece.size() < short_piece;
        const char* const end = joined.data() + joined.size();
        if (is_short) joined += piece;
        if (is_short && was_short)
            out.back() = asio::const_buffer(out.back().data(), out.back().size() + piece.size());
        else
            out.emplace_back(is_short ? end : piece.data(), piece.size());
        was_short = is_short;
    }
    return out;
}

}  // namespace

SessionStream::SessionStream(tcp::socket socket, std::unique_ptr<TlsEngine> tls, std::size_t most)
    : stream_(std::move(socket)), tls_(std::move(tls)), buffer_(most) {}

std::size_t SessionStream::piece_size() const {
    return tls_ ? tls_piece : plain_piece;
}

asio::awaitable<error_code> SessionStream::read_some() {
    const auto room =
        std::min(buffer_.max_size() - buffer_.size(), buffer_.capacity() == 0 ? first_read : read_size);
    if (room == 0) co_return make_error_code(bhttp::error::buffer_overflow);
    const auto space = buffer_.prepare(room);
    if (!tls_) {
        auto [error, size] = co_await stream_.async_read_some(space, as_result);
        buffer_.commit(size);
        co_return error;
    }
    std::size_t size = 0;
    const std::span<char> into(static_cast<char*>(space.data()), space.size());
    const auto error = co_await read_decrypted(into, size);
    buffer_.commit(size);
    co_return error;
}

asio::awaitable<error_code> SessionStream::read_decrypted(std::span<char> into, std::size_t& size) {
    for (;;) {
        size = tls_->read(into);
        auto error = co_await send_encrypted();  // TLS may have to say something itself
        if (size != 0 || error) co_return error;
        if (tls_->ended()) co_return make_error_code(asio::error::eof);
        error = co_await receive_encrypted();
        if (error) co_return error;
    }
}

asio::awaitable<error_code> SessionStream::receive_encrypted() {
    std::array<char, read_size> bytes;
    const auto space = asio::buffer(bytes);
    auto [error, size] = co_await stream_.async_read_some(space, as_result);
    tls_->received({bytes.data(), size});
    co_return error;
}

asio::awaitable<error_code> SessionStream::send_encrypted() {
    const auto bytes = tls_->outgoing();
    if (bytes.empty()) co_return error_code{};
    const auto piece = asio::buffer(bytes);
    auto [error, size] = co_await asio::async_write(stream_, piece, everything, as_result);
    co_return error;
}

asio::awaitable<error_code> SessionStream::encrypt(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), tls_piece))) {
        if (!tls_->write(text.substr(0, tls_piece))) co_return make_error_code(asio::error::broken_pipe);
        if (text.size() <= tls_piece) break;  // the last piece may go together with what follows it
        const auto error = co_await send_encrypted();
        if (error) co_return error;
    }
    co_return error_code{};
}

asio::awaitable<error_code> SessionStream::send(std::string_view head, std::string_view body) {
    if (!tls_) {
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body)};
        auto [failed, size] = co_await asio::async_write(stream_, pieces, everything, as_result);
        co_return failed;
    }
    auto error = co_await encrypt(head);
    if (!error) error = co_await encrypt(body);
    if (!error) error = co_await send_encrypted();
    co_return error;
}

// Not by async_write(): it hands 16 views to the system at a time, this 64.
asio::awaitable<error_code> SessionStream::send_pieces(std::span<const std::string_view> pieces) {
    std::string joined;  // in TLS all of them: one record for many short ones
    if (tls_) {
        for (const auto piece : pieces) joined += piece;
        const auto error = co_await send(joined, {});
        co_return error;
    }
    auto buffers = views_of(pieces, joined);
    std::span<asio::const_buffer> left(buffers);
    while (!left.empty()) {
        auto [error, size] = co_await stream_.async_write_some(left, as_result);
        if (error) co_return error;
        for (; !left.empty() && size >= left.front().size(); left = left.subspan(1))
            size -= left.front().size();
        if (size != 0) left.front() += size;
    }
    co_return error_code{};
}

asio::awaitable<void> SessionStream::answer_in_plain_text() {
    constexpr std::string_view answer =
        "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nthis port speaks HTTPS "
        "only\n";
    const auto piece = asio::buffer(answer);
    co_await asio::async_write(stream_, piece, as_result);
}

asio::awaitable<bool> SessionStream::shake_hands(std::chrono::milliseconds patience) {
    if (!tls_) co_return true;
    stream_.expires_after(patience);
    for (;;) {
        const auto done = tls_->shake_hands();
        if (!done && tls_->plain_http()) {
            co_await answer_in_plain_text();
            co_return false;
        }
        auto error = co_await send_encrypted();
        if (!done) log::debug("an HTTPS client was not let in", {{"err", done.error()}});
        if (error || !done) co_return false;
        if (*done) co_return true;
        error = co_await receive_encrypted();
        if (error) co_return false;
    }
}

// Closing a socket with unread input resets the connection, and the answer may be lost with it. So: say that
// no more comes, then read on until the client has closed, for a moment.
asio::awaitable<void> SessionStream::farewell() {
    error_code error;
    stream_.expires_after(last_wait);
    if (tls_) {
        tls_->close();
        co_await send_encrypted();
    }
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    while (!error) {
        buffer_.clear();
        error = co_await read_some();
    }
}

}  // namespace pifleet::http
