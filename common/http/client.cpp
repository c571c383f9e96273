#include "common/http/client.hpp"

#include "common/http/connection.hpp"
#include "common/http/exchange.hpp"
#include "common/http/tls.hpp"
#include "common/http/wire.hpp"

#include <utility>

namespace pifleet::http {

namespace asio = boost::asio;

namespace {

// Gathers a body in one text.
class Gather : public BodySink {
  public:
    explicit Gather(std::size_t limit) : limit_(limit) {}
    Result<void> on_head(const ResponseHead&) override { return {}; }
    Result<void> on_body(std::string_view piece) override {
        if (piece.size() > limit_ - body.size())
            return failure("the answer's body is over the limit of " + std::to_string(limit_) + " bytes");
        body += piece;
        return {};
    }
    std::string body;

  private:
    std::size_t limit_;
};

}  // namespace

struct Client::Impl {
    asio::awaitable<Result<ResponseHead>> send(const Request& request, Deadline deadline, BodySink& sink);
    asio::awaitable<Result<Response>> gather(const Request& request, Deadline deadline, std::size_t max_body);
    asio::awaitable<Result<std::unique_ptr<Connection>>> connect(Deadline deadline);

    asio::any_io_executor executor;
    Url origin;
    ClientOptions options;
    TlsContext context;  // held, so that a server which closes after every answer does not cost a CA bundle
                         // each time
    std::unique_ptr<Connection> kept;
};

asio::awaitable<Result<std::unique_ptr<Connection>>> Client::Impl::connect(Deadline deadline) {
    if (origin.tls) {
        auto made = tls_context(options.tls);
        if (!made) co_return made.error();
        context = std::move(*made);
    }
    const Destination destination{origin, options, context};
    co_return co_await Connection::open(executor, destination, deadline);
}

asio::awaitable<Result<ResponseHead>> Client::Impl::send(const Request& request,
                                                         Deadline deadline,
                                                         BodySink& sink) {
    const auto began = std::chrono::steady_clock::now();
    auto head = request_head(request, origin);
    if (!head) co_return head.error();
    if (deadline <= began) co_return failure("no time left for the request");
    const Terms terms{std::move(*head), began, deadline, options.header_bytes, options.body_bytes};
    // Out of `kept` until the answer has come whole: whatever happens in between ends the connection.
    auto connection = std::move(kept);
    if (connection && connection->closed_meanwhile()) connection.reset();
    for (;;) {
        const bool reused = connection != nullptr;
        if (!reused) {
            auto opened = co_await connect(deadline);
            if (!opened) co_return opened.error();
            connection = std::move(*opened);
        }
        auto outcome = co_await exchange(*connection, request, terms, sink);
        if (outcome.unanswered && reused) {
            connection.reset();
            continue;
        }
        if (outcome.keep) kept = std::move(connection);
        co_return std::move(outcome.result);
    }
}

asio::awaitable<Result<Response>> Client::Impl::gather(const Request& request,
                                                       Deadline deadline,
                                                       std::size_t max_body) {
    Gather sink(max_body);
    auto head = co_await send(request, deadline, sink);
    if (!head) co_return head.error();
    Response response;
    response.status = head->status;
    response.headers = std::move(head->headers);
    response.body = std::move(sink.body);
    co_return response;
}

Client::Client(asio::any_io_executor executor, const Url& origin, ClientOptions options)
    : impl_(std::make_unique<Impl>(Impl{std::move(executor), origin, std::move(options), nullptr, nullptr})) {
}
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
    impl_->kept.reset();
}

}  // namespace pifleet::http
