#include "forwarder/auth/client.hpp"

#include "common/http/gather.hpp"
#include "forwarder/auth/authorization.hpp"
#include "forwarder/auth/oauth2.hpp"

#include <string_view>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;

namespace {

constexpr unsigned most_redirects = 10;  // Prometheus's, by Go

http::ClientOptions complete(const HttpOptions& options, http::ClientOptions limits) {
    limits.tls = options.tls;
    limits.proxy = shared_proxy(options.proxy);
    limits.redirects = options.follow_redirects ? most_redirects : 0;
    return limits;
}

// Keeps an answer back that says the token is no good.
class TokenJudge final : public http::BodySink {
  public:
    explicit TokenJudge(http::BodySink& sink) : sink_(sink) {}
    Result<void> on_head(const http::ResponseHead& head) override {
        refused_ = head.status == 401;
        return refused_ ? Result<void>{} : sink_.on_head(head);
    }
    Result<void> on_body(std::string_view piece) override {
        return refused_ ? Result<void>{} : sink_.on_body(piece);
    }
    bool refused() const { return refused_; }

  private:
    http::BodySink& sink_;
    bool refused_ = false;
};

Result<void> add_secrets(const std::string& name,
                         const std::vector<config::Secret>& secrets,
                         http::Request& request) {
    for (const auto& secret : secrets) {
        auto text = secret.reveal();
        if (!text) return failure("http_headers: " + name + ": " + text.error().message);
        request.credentials.push_back({name, std::move(*text)});
    }
    return {};
}

}  // namespace

std::shared_ptr<const http::ProxyOptions> shared_proxy(const http::ProxyOptions& proxy) {
    if (!proxy.url && !proxy.from_environment) return nullptr;
    return std::make_shared<const http::ProxyOptions>(proxy);
}

AuthorizedClient::AuthorizedClient(asio::any_io_executor executor,
                                   const http::Url& origin,
                                   const HttpOptions& options,
                                   http::ClientOptions limits)
    : options_(options),
      host_(origin.authority()),
      client_(executor, origin, complete(options, std::move(limits))) {
    if (options.oauth2) tokens_ = std::make_unique<TokenSource>(executor, *options.oauth2);
}

AuthorizedClient::~AuthorizedClient() = default;

Result<PreparedRequest> AuthorizedClient::prepare(http::Request request) const {
    for (const auto& header : options_.headers) {
        for (const auto& value : header.values) request.headers.push_back({header.name, value});
        if (auto added = add_secrets(header.name, header.secrets, request); !added) return added.error();
        if (auto added = add_secrets(header.name, header.files, request); !added) return added.error();
    }
    auto authorization = authorization_header(options_.authorization);
    if (!authorization) return authorization.error();
    if (*authorization) request.credentials.push_back(std::move(**authorization));
    if (options_.sigv4) {
        const auto key = signing_key(*options_.sigv4);
        if (!key) return key.error();
        sign(request, host_, *key, std::chrono::system_clock::now());
    }
    return PreparedRequest{std::move(request)};
}

asio::awaitable<Result<http::ResponseHead>> AuthorizedClient::send_with_token(http::Request& request,
                                                                              Deadline deadline,
                                                                              http::BodySink& sink) {
    const auto token = co_await tokens_->authorization(deadline);
    if (!token) co_return token.error();
    request.credentials.push_back({"Authorization", *token});
    auto head = co_await client_.send(request, deadline, sink);
    request.credentials.pop_back();
    co_return head;
}

asio::awaitable<Result<http::ResponseHead>> AuthorizedClient::send(PreparedRequest prepared,
                                                                   Deadline deadline,
                                                                   http::BodySink& sink) {
    if (!tokens_) co_return co_await client_.send(prepared.request, deadline, sink);
    TokenJudge judge(sink);
    auto head = co_await send_with_token(prepared.request, deadline, judge);
    if (!head || !judge.refused()) co_return head;
    tokens_->forget();
    co_return co_await send_with_token(prepared.request, deadline, sink);
}

asio::awaitable<Result<http::Response>> AuthorizedClient::send(PreparedRequest prepared,
                                                               Deadline deadline,
                                                               std::size_t max_body) {
    http::Gather sink(max_body);
    auto head = co_await send(std::move(prepared), deadline, sink);
    if (!head) co_return head.error();
    co_return sink.response(std::move(*head));
}

}  // namespace pifleet::forwarder
