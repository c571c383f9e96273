// Access tokens by OAuth 2.0 client credentials (RFC 6749, 4.4): fetched when first needed, kept until
// shortly before they expire.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "forwarder/auth/options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct Token {
    std::string authorization;  // the header's value: "Bearer abc"
    std::chrono::seconds lifetime = std::chrono::seconds::max();
};

/// What a token server's answer holds. Errors give the status and the server's own `error` and
/// `error_description`, nothing else of the body.
Result<Token> parse_token(const http::Response& answer);

/// The form that asks for a token, with the client's id and secret unless they go in a header.
std::string token_form(const OAuth2& config, bool credentials, std::string_view secret);

/// One use at a time, as of the http::Client that it serves. The configuration must outlive it.
class TokenSource {
  public:
    using Clock = std::chrono::steady_clock;

    TokenSource(boost::asio::any_io_executor executor, const OAuth2& config);

    /// The Authorization header's value. The error names the token server.
    boost::asio::awaitable<Result<std::string>> authorization(Clock::time_point deadline);

    /// The token was refused: the next one is fetched anew.
    void forget() { token_.clear(); }

  private:
    boost::asio::awaitable<Result<Token>> fetch(Clock::time_point deadline);
    boost::asio::awaitable<Result<Token>> fetch_for_account(Clock::time_point deadline);
    boost::asio::awaitable<Result<http::Response>> ask(const std::string& secret, Clock::time_point deadline);
    http::Request request() const;

    const OAuth2& config_;
    http::Client client_;
    std::string token_;  // empty: none
    Clock::time_point expires_{};
    bool by_header_ = true;  // how the server takes the secret, as far as is known
};

}  // namespace pifleet::forwarder
