// An http::Client with everything that HttpOptions ask for: credentials, tokens, headers, TLS, proxy,
// redirects. Scraping, discovery and sending use it alike.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "forwarder/auth/options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace pifleet::forwarder {

class TokenSource;

/// A request with its credentials and headers.
struct PreparedRequest {
    http::Request request;
};

/// One request at a time. The options must outlive it.
class AuthorizedClient {
  public:
    using Deadline = http::Client::Deadline;

    /// `limits`: times and sizes; the rest comes from the options.
    AuthorizedClient(boost::asio::any_io_executor executor,
                     const http::Url& origin,
                     const HttpOptions& options,
                     http::ClientOptions limits = {});
    ~AuthorizedClient();

    /// Secrets are read now, so a key file that was replaced is used at once. The error names the file. A
    /// signature holds for some minutes only: each attempt is prepared anew.
    Result<PreparedRequest> prepare(http::Request request) const;

    /// As http::Client. With oauth2 a 401 fetches a new token, once, before it is the answer.
    boost::asio::awaitable<Result<http::ResponseHead>> send(PreparedRequest prepared,
                                                            Deadline deadline,
                                                            http::BodySink& sink);
    boost::asio::awaitable<Result<http::Response>> send(PreparedRequest prepared,
                                                        Deadline deadline,
                                                        std::size_t max_body);

    void connect_within(std::chrono::milliseconds limit) { client_.connect_within(limit); }
    void close() { client_.close(); }

  private:
    boost::asio::awaitable<Result<http::ResponseHead>> send_with_token(http::Request& request,
                                                                       Deadline deadline,
                                                                       http::BodySink& sink);

    const HttpOptions& options_;
    std::string host_;  // as the Host header has it
    http::Client client_;
    std::unique_ptr<TokenSource> tokens_;  // null without oauth2
};

/// For ClientOptions: null when no proxy is configured, so that nobody else pays for it.
std::shared_ptr<const http::ProxyOptions> shared_proxy(const http::ProxyOptions& proxy);

}  // namespace pifleet::forwarder
