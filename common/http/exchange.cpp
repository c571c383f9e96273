// Of Beast only the parser is used, fed by hand, so that every byte of a header counts towards its limit:
// Beast's own read operations let a peer that sends one line a packet go on for ever.
#include "common/http/exchange.hpp"

#include "common/http/receive_buffer.hpp"
#include "common/http/receiver.hpp"
#include "common/http/wire.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t read_size = 16 * 1024;

std::string text_of(const auto& view) {
    return std::string(view.data(), view.size());
}

// Beast's way of handing over a body, passed on to our receiver. The parser sees only that something was
// refused.
struct ReceivedBody {
    struct value_type {
        Receiver* receiver = nullptr;
        std::optional<Error> refused;
    };
    class reader {
      public:
        template <bool request, class Fields>
        reader(bhttp::header<request, Fields>&, value_type& value) : value_(value) {}
        void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& error) {
            error = {};
            std::size_t size = 0;
            for (const asio::const_buffer piece : beast::buffers_range_ref(buffers)) {
                const auto taken =
                    value_.receiver->take({static_cast<const char*>(piece.data()), piece.size()});
                if (!taken) {
                    value_.refused = taken.error();
                    error = asio::error::operation_aborted;
                    return size;
                }
                size += piece.size();
            }
            return size;
        }
        void finish(error_code& error) { error = {}; }

      private:
        value_type& value_;
    };
};

using Parser = bhttp::response_parser<ReceivedBody>;

// One exchange under way.
class Exchange {
  public:
    Exchange(Connection& connection, const Terms& terms)
        : connection_(connection), terms_(terms), deadline_(terms.deadline) {}

    asio::awaitable<Outcome> run(const Request& request, BodySink& sink);

  private:
    asio::awaitable<error_code> read_some(std::chrono::milliseconds rest = {});
    asio::awaitable<error_code> read_header(Parser& parser);
    asio::awaitable<error_code> read_body(Parser& parser, BodySink& sink);
    void move_deadline(BodySink& sink);
    asio::awaitable<Outcome> receive(Parser& parser, BodySink& sink);
    std::string broken(const error_code& error, const Receiver* receiver = nullptr) const;
    bool answer_began() const { return header_bytes_ + buffer_.size() > 0; }

    Connection& connection_;
    const Terms& terms_;
    Client::Deadline deadline_;  // which the sink may move
    ReceiveBuffer buffer_;
    std::size_t header_bytes_ = 0;  // of all heads together, interim ones too
};

asio::awaitable<error_code> Exchange::read_some(std::chrono::milliseconds rest) {
    // A flood that never lets a read wait would never let one time out.
    if (Clock::now() >= deadline_) co_return make_error_code(beast::error::timeout);
    // What the parser leaves lying is an unfinished line.
    if (buffer_.size() > std::max(terms_.header_bytes, read_size))
        co_return make_error_code(bhttp::error::buffer_overflow);
    buffer_.shrink();
    const auto error = co_await connection_.readable(rest);
    if (error) co_return error;
    const auto space = buffer_.prepare(read_size);
    const auto got = co_await connection_.read_some(space);
    buffer_.commit(got.size);
    co_return got.error;
}

asio::awaitable<error_code> Exchange::read_header(Parser& parser) {
    while (!parser.is_header_done()) {
        error_code error = bhttp::error::need_more;
        if (buffer_.size() != 0) {
            const auto used = parser.put(buffer_.data(), error);
            buffer_.consume(used);
            header_bytes_ += used;
        }
        if (error && error != bhttp::error::need_more) co_return error;
        const auto pending = parser.is_header_done() ? 0 : buffer_.size();
        if (header_bytes_ + pending > terms_.header_bytes)
            co_return make_error_code(bhttp::error::header_limit);
        if (error == bhttp::error::need_more) error = co_await read_some();
        if (error) co_return error;
    }
    co_return error_code{};
}

void Exchange::move_deadline(BodySink& sink) {
    const auto moved = sink.deadline();
    if (!moved || *moved == deadline_) return;
    deadline_ = *moved;
    connection_.expires_at(deadline_);
}

asio::awaitable<error_code> Exchange::read_body(Parser& parser, BodySink& sink) {
    parser.eager(true);
    move_deadline(sink);
    while (!parser.is_done()) {
        error_code error = bhttp::error::need_more;
        if (buffer_.size() != 0) {
            buffer_.consume(parser.put(buffer_.data(), error));
            move_deadline(sink);
        }
        if (error == bhttp::error::need_more) {
            error = co_await read_some(sink.rest());
            if (error == asio::error::eof && parser.need_eof()) parser.put_eof(error);
        }
        if (error) co_return error;
    }
    co_return error_code{};
}

asio::awaitable<Outcome> Exchange::run(const Request& request, BodySink& sink) {
    connection_.expires_at(terms_.deadline);
    // An error of writing is not the last word: a server that refuses a body (413) may hang up before it has
    // read it.
    const auto unwritten = co_await connection_.write(terms_.head, request.body);
    if (timed_out(unwritten)) co_return Outcome{failure(broken(unwritten))};

    std::optional<Parser> parser;
    error_code error;
    do {  // past interim answers such as "100 Continue"
        parser.emplace();
        parser->header_limit(std::numeric_limits<std::uint32_t>::max());  // counted by read_header
        parser->body_limit(boost::none);                                  // counted by the receiver
        parser->skip(request.method == "HEAD");
        error = co_await read_header(*parser);
    } while (!error && parser->get().result_int() < 200 && parser->get().result_int() != 101);

    if (error) co_return Outcome{failure(broken(error)), false, hung_up(error) && !answer_began()};
    if (parser->get().result_int() == 101)
        co_return Outcome{failure("the answer switches to another protocol")};
    auto outcome = co_await receive(*parser, sink);
    outcome.keep = outcome.keep && !unwritten;
    co_return outcome;
}

asio::awaitable<Outcome> Exchange::receive(Parser& parser, BodySink& sink) {
    auto& message = parser.get();
    ResponseHead head;
    head.status = message.result_int();
    head.framed = !parser.need_eof();
    for (const auto& field : message)
        head.headers.push_back({text_of(field.name_string()), text_of(field.value())});
    Receiver receiver(sink, terms_.body_bytes);
    if (auto begun = receiver.begin(std::move(head)); !begun) co_return Outcome{begun.error()};

    message.body().receiver = &receiver;
    const auto error = co_await read_body(parser, sink);
    if (message.body().refused) co_return Outcome{*message.body().refused};
    if (error) co_return Outcome{failure(broken(error, &receiver))};
    if (auto finished = receiver.finish(); !finished) co_return Outcome{finished.error()};
    co_return Outcome{receiver.head(), parser.keep_alive() && buffer_.size() == 0};
}

std::string Exchange::broken(const error_code& error, const Receiver* receiver) const {
    if (timed_out(error))
        return no_answer_within(deadline_ - terms_.began,
                                answer_began() ? "no complete answer" : "no answer");
    if (error == bhttp::error::header_limit)
        return "the answer's header is over the limit of " + std::to_string(terms_.header_bytes) + " bytes";
    if (hung_up(error)) {
        if (receiver)
            return "the answer was cut short after " + std::to_string(receiver->head().wire_bytes) + " bytes";
        return answer_began() ? "the answer was cut short in its header"
                              : "the connection was closed without an answer";
    }
    if (error.category() == make_error_code(bhttp::error::bad_chunk).category())
        return "the answer is not valid HTTP (" + error.message() + ')';
    return connection_.reason(error);
}

}  // namespace

asio::awaitable<Outcome> exchange(Connection& connection,
                                  const Request& request,
                                  const Terms& terms,
                                  BodySink& sink) {
    Exchange one(connection, terms);
    co_return co_await one.run(request, sink);
}

}  // namespace pifleet::http
