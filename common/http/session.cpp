// Of Beast's HTTP only the parser is used, fed by hand, so that every byte of a header counts towards its
// limit: Beast's own read operations let a client that sends one line a packet go on until the time is up.
#include "common/http/session.hpp"

#include "common/base/text.hpp"
#include "common/process/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = bhttp::request_parser<bhttp::string_body>;

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

std::string text_of(const auto& view) {
    return std::string(view.data(), view.size());
}

std::string reason_of(unsigned status) {
    return text_of(bhttp::obsolete_reason(bhttp::int_to_status(status)));
}

// What to answer a request that cannot be read; 0: nothing, the client has gone or was too slow.
unsigned refusal(const error_code& error) {
    if (error == bhttp::error::header_limit) return 431;
    if (error == bhttp::error::body_limit) return 413;
    return error.category() == make_error_code(bhttp::error::bad_method).category() ? 400 : 0;
}

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

Request to_request(Parser& parser) {
    auto& message = parser.get();
    Request request;
    request.method = text_of(message.method_string());
    request.target = text_of(message.target());
    for (const auto& field : message)
        request.headers.push_back({text_of(field.name_string()), text_of(field.value())});
    request.body = std::move(message.body());
    return request;
}

}  // namespace

struct Session::Impl {
    Impl(tcp::socket socket, const ServerLimits& l, std::unique_ptr<TlsEngine> t)
        : limits(l), stream(std::move(socket)), tls(std::move(t)), buffer(l.header_bytes + read_size) {}

    asio::awaitable<error_code> read_some();
    asio::awaitable<error_code> read_decrypted(std::span<char> into, std::size_t& size);
    asio::awaitable<error_code> receive_encrypted();
    asio::awaitable<error_code> send_encrypted();
    asio::awaitable<error_code> send(std::string_view head, std::string_view body);
    asio::awaitable<error_code> send_pieces(std::span<const std::string_view> pieces);
    asio::awaitable<error_code> stream_body(BodySource& source, bool chunked);
    asio::awaitable<error_code> encrypt(std::string_view text);
    asio::awaitable<void> answer_in_plain_text();
    asio::awaitable<error_code> advance(Parser& parser, bool whole);
    asio::awaitable<error_code> read(Parser& parser);

    // For what a connection, and each request on it, begins by.
    std::chrono::milliseconds first_wait() const {
        return limits.head.count() > 0 ? limits.head : limits.read;
    }

    const ServerLimits limits;
    beast::tcp_stream stream;
    const std::unique_ptr<TlsEngine> tls;
    beast::flat_buffer buffer;
    std::size_t header_bytes = 0;  // of the request under way
};

asio::awaitable<error_code> Session::Impl::read_some() {
    const auto room =
        std::min(buffer.max_size() - buffer.size(), buffer.capacity() == 0 ? first_read : read_size);
    if (room == 0) co_return make_error_code(bhttp::error::buffer_overflow);
    const auto space = buffer.prepare(room);
    if (!tls) {
        auto [error, size] = co_await stream.async_read_some(space, as_result);
        buffer.commit(size);
        co_return error;
    }
    std::size_t size = 0;
    const std::span<char> into(static_cast<char*>(space.data()), space.size());
    const auto error = co_await read_decrypted(into, size);
    buffer.commit(size);
    co_return error;
}

asio::awaitable<error_code> Session::Impl::read_decrypted(std::span<char> into, std::size_t& size) {
    for (;;) {
        size = tls->read(into);
        auto error = co_await send_encrypted();  // TLS may have to say something itself
        if (size != 0 || error) co_return error;
        if (tls->ended()) co_return make_error_code(asio::error::eof);
        error = co_await receive_encrypted();
        if (error) co_return error;
    }
}

asio::awaitable<error_code> Session::Impl::receive_encrypted() {
    std::array<char, read_size> bytes;
    const auto space = asio::buffer(bytes);
    auto [error, size] = co_await stream.async_read_some(space, as_result);
    tls->received({bytes.data(), size});
    co_return error;
}

asio::awaitable<error_code> Session::Impl::send_encrypted() {
    const auto bytes = tls->outgoing();
    if (bytes.empty()) co_return error_code{};
    const auto piece = asio::buffer(bytes);
    auto [error, size] = co_await asio::async_write(stream, piece, everything, as_result);
    co_return error;
}

asio::awaitable<error_code> Session::Impl::encrypt(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), tls_piece))) {
        if (!tls->write(text.substr(0, tls_piece))) co_return make_error_code(asio::error::broken_pipe);
        if (text.size() <= tls_piece) break;  // the last piece may go together with what follows it
        const auto error = co_await send_encrypted();
        if (error) co_return error;
    }
    co_return error_code{};
}

asio::awaitable<error_code> Session::Impl::send(std::string_view head, std::string_view body) {
    if (!tls) {
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body)};
        auto [failed, size] = co_await asio::async_write(stream, pieces, everything, as_result);
        co_return failed;
    }
    auto error = co_await encrypt(head);
    if (!error) error = co_await encrypt(body);
    if (!error) error = co_await send_encrypted();
    co_return error;
}

// Not by async_write(): it hands 16 views to the system at a time, this 64.
asio::awaitable<error_code> Session::Impl::send_pieces(std::span<const std::string_view> pieces) {
    std::string joined;  // in TLS all of them: one record for many short ones
    if (tls) {
        for (const auto piece : pieces) joined += piece;
        const auto error = co_await send(joined, {});
        co_return error;
    }
    auto buffers = views_of(pieces, joined);
    std::span<asio::const_buffer> left(buffers);
    while (!left.empty()) {
        auto [error, size] = co_await stream.async_write_some(left, as_result);
        if (error) co_return error;
        for (; !left.empty() && size >= left.front().size(); left = left.subspan(1))
            size -= left.front().size();
        if (size != 0) left.front() += size;
    }
    co_return error_code{};
}

asio::awaitable<error_code> Session::Impl::stream_body(BodySource& source, bool chunked) {
    std::vector<std::string_view> pieces;
    std::array<char, 20> head;
    for (;;) {
        pieces.assign(chunked ? 1 : 0, {});
        source.next(pieces, tls ? tls_piece : plain_piece);
        std::size_t size = 0;
        for (const auto piece : pieces) size += piece.size();
        const bool last = size == 0;
        if (last && !chunked) co_return error_code{};
        if (chunked) {
            auto* end = std::to_chars(head.data(), head.data() + head.size() - 2, size, 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            pieces.front() = {head.data(), static_cast<std::size_t>(end - head.data())};
            pieces.push_back("\r\n");
        }
        const auto error = co_await send_pieces(pieces);
        if (error || last) co_return error;
    }
}

asio::awaitable<void> Session::Impl::answer_in_plain_text() {
    constexpr std::string_view answer =
        "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nthis port speaks HTTPS "
        "only\n";
    const auto piece = asio::buffer(answer);
    co_await asio::async_write(stream, piece, as_result);
}

// Until the header, or the whole message, has come.
asio::awaitable<error_code> Session::Impl::advance(Parser& parser, bool whole) {
    parser.eager(whole);
    while (!(whole ? parser.is_done() : parser.is_header_done())) {
        error_code error = bhttp::error::need_more;
        if (buffer.size() != 0) {
            const bool in_header = !parser.is_header_done();
            const auto used = parser.put(buffer.data(), error);
            buffer.consume(used);
            if (in_header) header_bytes += used;
        }
        if (error && error != bhttp::error::need_more) co_return error;
        const auto pending = parser.is_header_done() ? 0 : buffer.size();
        if (header_bytes + pending > limits.header_bytes)
            co_return make_error_code(bhttp::error::header_limit);
        if (error == bhttp::error::need_more) error = co_await read_some();
        if (error) co_return error;
    }
    co_return error_code{};
}

asio::awaitable<error_code> Session::Impl::read(Parser& parser) {
    parser.header_limit(std::numeric_limits<std::uint32_t>::max());  // counted by advance()
    parser.body_limit(limits.body_bytes);
    header_bytes = 0;
    const auto begun = std::chrono::steady_clock::now();
    stream.expires_at(begun + first_wait());
    auto error = co_await advance(parser, false);
    if (error) co_return error;
    stream.expires_at(begun + limits.read);
    const auto& head = parser.get();
    if (head.version() == 11 && head.count(bhttp::field::host) != 1)
        co_return make_error_code(bhttp::error::bad_field);
    if (!parser.is_done() && equal_ignoring_case(text_of(head[bhttp::field::expect]), "100-continue")) {
        error = co_await send("HTTP/1.1 100 Continue\r\n\r\n", {});
        if (error) co_return error;
    }
    error = co_await advance(parser, true);
    co_return error;
}

Session::Session(tcp::socket socket, const ServerLimits& limits, std::unique_ptr<TlsEngine> tls)
    : impl_(std::make_unique<Impl>(std::move(socket), limits, std::move(tls))) {}
Session::~Session() = default;

asio::awaitable<bool> Session::shake_hands() {
    if (!impl_->tls) co_return true;
    impl_->stream.expires_after(impl_->first_wait());
    for (;;) {
        const auto done = impl_->tls->shake_hands();
        if (!done && impl_->tls->plain_http()) {
            co_await impl_->answer_in_plain_text();
            co_return false;
        }
        auto error = co_await impl_->send_encrypted();
        if (!done) log::debug("an HTTPS client was not let in", {{"err", done.error()}});
        if (error || !done) co_return false;
        if (*done) co_return true;
        error = co_await impl_->receive_encrypted();
        if (error) co_return false;
    }
}

asio::awaitable<bool> Session::wait(std::chrono::milliseconds patience) {
    impl_->stream.expires_after(patience);
    while (impl_->buffer.size() == 0) {
        const auto error = co_await impl_->read_some();
        if (error) co_return false;
    }
    co_return true;
}

asio::awaitable<std::optional<Session::Incoming>> Session::read() {
    Parser parser;
    const auto error = co_await impl_->read(parser);
    if (error) {
        if (const auto status = refusal(error)) co_await refuse(status);
        co_return std::nullopt;
    }
    if (impl_->buffer.size() == 0) impl_->buffer.shrink_to_fit();
    co_return Incoming{to_request(parser), parser.get().version(), parser.keep_alive()};
}

asio::awaitable<bool> Session::write(const Response& response, unsigned version, bool keep, bool with_body) {
    if (response.source != nullptr && version == 10) keep = false;
    const auto head = response_head(response, version, keep, reason_of(response.status));
    if (!head) {  // a header with a line feed in it: what a handler was tricked into must not reach the wire
        log::error("an HTTP answer cannot be sent", {{"error", head.error()}});
        co_return false;
    }
    const std::string_view body = with_body && has_body(response.status) ? response.body : std::string_view();
    impl_->stream.expires_after(impl_->limits.write);
    auto error = co_await impl_->send(*head, body);
    const bool streamed = response.source != nullptr && with_body && has_body(response.status);
    if (streamed && !error) error = co_await impl_->stream_body(*response.source, version != 10);
    co_return !error && (response.source == nullptr || version != 10);
}

asio::awaitable<void> Session::refuse(unsigned status) {
    const auto response = text_response(status, lower(reason_of(status)) + '\n');
    co_await write(response, 11, false);
}

// Closing a socket with unread input resets the connection, and the answer may be lost with it. So: say that
// no more comes, then read on until the client has closed, for a moment.
asio::awaitable<void> Session::farewell() {
    error_code error;
    impl_->stream.expires_after(last_wait);
    if (impl_->tls) {
        impl_->tls->close();
        co_await impl_->send_encrypted();
    }
    impl_->stream.socket().shutdown(tcp::socket::shutdown_send, error);
    while (!error) {
        impl_->buffer.clear();
        error = co_await impl_->read_some();
    }
}

void Session::close() {
    impl_->stream.close();
}

}  // namespace pifleet::http
