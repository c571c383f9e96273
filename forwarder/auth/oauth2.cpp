#include "forwarder/auth/oauth2.hpp"

#include "common/base/text.hpp"
#include "common/http/basic_credentials.hpp"
#include "common/http/percent.hpp"
#include "forwarder/auth/client.hpp"
#include "forwarder/auth/service_account.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::size_t most_answer = 64 * 1024;
constexpr std::chrono::seconds spare{10};             // a token is renewed this long before its end
constexpr std::chrono::hours longest_lifetime{8760};  // a year; what is longer may overflow the clock

// A member that is text, with what would break a log line taken out; empty when there is none.
std::string text_of(const json& object, const char* key) {
    constexpr std::size_t most = 200;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    std::string out = found->get<std::string>().substr(0, most);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return out;
}

// Some servers write the number as text.
std::chrono::seconds lifetime_of(const json& object) {
    const auto found = object.find("expires_in");
    double seconds = 0;
    if (found != object.end() && found->is_number()) seconds = found->get<double>();
    if (found != object.end() && found->is_string())
        seconds = to_double(found->get<std::string>()).value_or(0);
    if (!(seconds > 0)) return std::chrono::seconds::max();
    const auto longest = static_cast<double>(std::chrono::seconds(longest_lifetime).count());
    return std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, longest)));
}

http::ClientOptions client_options(const OAuth2& config) {
    http::ClientOptions options;  // no redirects: they would take the secret along
    options.tls = config.tls;
    options.proxy = shared_proxy(config.proxy);
    return options;
}

}  // namespace

std::string token_form(const OAuth2& config, bool credentials, std::string_view secret) {
    std::string form = "grant_type=client_credentials";
    const auto add = [&form](std::string_view name, std::string_view value) {
        form += '&' + http::percent_encode(name) + '=' + http::percent_encode(value);
    };
    std::string scopes;
    for (const auto& scope : config.scopes) (scopes += scopes.empty() ? "" : " ") += scope;
    if (!scopes.empty()) add("scope", scopes);
    if (credentials) {
        add("client_id", config.client_id);
        add("client_secret", secret);
    }
    for (const auto& [name, value] : config.endpoint_params) add(name, value);
    return form;
}

Result<Token> parse_token(const http::Response& answer) {
    const auto body = json::parse(answer.body, nullptr, false);
    const bool object = body.is_object();
    if (answer.status < 200 || answer.status > 299) {
        std::string what = "status " + std::to_string(answer.status);
        const auto error = object ? text_of(body, "error") : std::string();
        const auto description = object ? text_of(body, "error_description") : std::string();
        if (!error.empty()) what += ": " + error;
        if (!description.empty()) what += ": " + description;
        return failure(what);
    }
    if (!object) return failure("the answer is not a JSON object");
    const auto token = body.find("access_token");
    if (token == body.end() || !token->is_string() || token->get_ref<const std::string&>().empty())
        return failure("the answer has no access_token");
    auto type = text_of(body, "token_type");
    if (type.empty() || equal_ignoring_case(type, "bearer")) type = "Bearer";
    return Token{type + ' ' + token->get<std::string>(), lifetime_of(body)};
}

TokenSource::TokenSource(asio::any_io_executor executor, const OAuth2& config)
    : config_(config), client_(std::move(executor), config.token_url, client_options(config)) {}

asio::awaitable<Result<std::string>> TokenSource::authorization(Clock::time_point deadline) {
    if (!token_.empty() && Clock::now() < expires_) co_return token_;
    token_.clear();
    auto fetched = co_await fetch(deadline);
    if (!fetched)
        co_return failure("oauth2: cannot get a token from " + config_.token_url.shown() + ": " +
                          fetched.error().message);
    token_ = std::move(fetched->authorization);
    const bool for_ever = fetched->lifetime == std::chrono::seconds::max();
    expires_ = for_ever ? Clock::time_point::max() : Clock::now() + fetched->lifetime - spare;
    co_return token_;
}

// Some servers want the secret in a header, some in the form: the first refusal tells, as with Go's client.
asio::awaitable<Result<Token>> TokenSource::fetch(Clock::time_point deadline) {
    if (config_.service_account.given()) co_return co_await fetch_for_account(deadline);
    std::string secret;
    if (config_.client_secret.given()) {
        auto revealed = config_.client_secret.reveal();
        if (!revealed) co_return revealed.error();
        secret = std::move(*revealed);
    }
    auto answer = co_await ask(secret, deadline);
    if (answer && answer->status >= 400 && answer->status < 500) {
        by_header_ = !by_header_;
        auto other = co_await ask(secret, deadline);
        if (other && other->status >= 200 && other->status < 300)
            answer = std::move(other);
        else
            by_header_ = !by_header_;
    }
    if (!answer) co_return answer.error();
    co_return parse_token(*answer);
}

// The key file is read for each token, so that a replaced one is used; its token server stays the one of the
// start.
asio::awaitable<Result<Token>> TokenSource::fetch_for_account(Clock::time_point deadline) {
    const auto text = config_.service_account.reveal();
    if (!text) co_return text.error();
    const auto account = parse_service_account(*text);
    if (!account) co_return account.error();
    auto form = assertion_form(*account, config_.scopes, std::chrono::system_clock::now());
    if (!form) co_return form.error();
    auto asking = request();
    asking.body = std::move(*form);
    const auto answer = co_await client_.send(asking, deadline, most_answer);
    if (!answer) co_return answer.error();
    co_return parse_token(*answer);
}

http::Request TokenSource::request() const {
    http::Request request;
    request.method = "POST";
    request.target = config_.token_url.target;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    return request;
}

asio::awaitable<Result<http::Response>> TokenSource::ask(const std::string& secret,
                                                         Clock::time_point deadline) {
    auto request = this->request();
    if (by_header_) {
        // Escaped first, because a colon or a letter beyond ASCII would be ambiguous (RFC 6749, 2.3.1).
        const auto id = http::percent_encode(config_.client_id);
        const auto password = http::percent_encode(secret);
        request.credentials.push_back({"Authorization", http::basic_credentials(id, password)});
    }
    request.body = token_form(config_, !by_header_, secret);
    co_return co_await client_.send(request, deadline, most_answer);
}

}  // namespace pifleet::forwarder
