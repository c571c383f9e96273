// Of Beast's HTTP only the parser is used, fed by hand, so that every byte of a header counts towards its
// limit: Beast's own read operations let a client that sends one line a packet go on until the time is up.
#include "common/http/session.hpp"

#include "common/base/text.hpp"
#include "common/http/session_stream.hpp"
#include "common/process/log.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

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

constexpr std::size_t read_ahead = 4096;  // beyond a header that is as long as it may be

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
    Impl(tcp::socket socket, const ServerLimits& l, std::unique_ptr<TlsEngine> tls)
        : limits(l), stream(std::move(socket), std::move(tls), l.header_bytes + read_ahead) {}

    asio::awaitable<error_code> stream_body(BodySource& source, bool chunked);
    asio::awaitable<error_code> advance(Parser& parser, bool whole);
    asio::awaitable<error_code> read(Parser& parser);

    // For what a connection, and each request on it, begins by.
    std::chrono::milliseconds first_wait() const {
        return limits.head.count() > 0 ? limits.head : limits.read;
    }

    const ServerLimits limits;
    SessionStream stream;
    beast::flat_buffer& buffer = stream.received();
    std::size_t header_bytes = 0;  // of the request under way
};

asio::awaitable<error_code> Session::Impl::stream_body(BodySource& source, bool chunked) {
    std::vector<std::string_view> pieces;
    std::array<char, 20> head;
    for (;;) {
        pieces.assign(chunked ? 1 : 0, {});
        source.next(pieces, stream.piece_size());
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
        const auto error = co_await stream.send_pieces(pieces);
        if (error || last) co_return error;
    }
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
        if (error == bhttp::error::need_more) error = co_await stream.read_some();
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
        error = co_await stream.send("HTTP/1.1 100 Continue\r\n\r\n", {});
        if (error) co_return error;
    }
    error = co_await advance(parser, true);
    co_return error;
}

Session::Session(tcp::socket socket, const ServerLimits& limits, std::unique_ptr<TlsEngine> tls)
    : impl_(std::make_unique<Impl>(std::move(socket), limits, std::move(tls))) {}
Session::~Session() = default;

asio::awaitable<bool> Session::shake_hands() {
    const bool done = co_await impl_->stream.shake_hands(impl_->first_wait());
    co_return done;
}

asio::awaitable<bool> Session::wait(std::chrono::milliseconds patience) {
    impl_->stream.expires_after(patience);
    while (impl_->buffer.size() == 0) {
        const auto error = co_await impl_->stream.read_some();
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
    auto error = co_await impl_->stream.send(*head, body);
    const bool streamed = response.source != nullptr && with_body && has_body(response.status);
    if (streamed && !error) error = co_await impl_->stream_body(*response.source, version != 10);
    co_return !error && (response.source == nullptr || version != 10);
}

asio::awaitable<void> Session::refuse(unsigned status) {
    const auto response = text_response(status, lower(reason_of(status)) + '\n');
    co_await write(response, 11, false);
}

asio::awaitable<void> Session::farewell() {
    co_await impl_->stream.farewell();
}

void Session::close() {
    impl_->stream.close();
}

}  // namespace pifleet::http
