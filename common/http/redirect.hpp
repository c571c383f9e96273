// Where redirects lead and what goes along, without I/O: Go's rules, which are Prometheus's. Private to
// common/http.
#pragma once

#include "common/base/result.hpp"
#include "common/http/client.hpp"
#include "common/http/message.hpp"
#include "common/http/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::http {

/// What a Location header names, seen from the page that said it.
Result<Url> resolve_location(const Url& base, std::string_view location);

/// The way of one request from redirect to redirect.
class Trail {
  public:
    Trail(const Url& origin, const Request& request, unsigned most);

    /// Follows an answer of this status. Errors name the loop, the broken Location, or the URL after which it
    /// was enough. A body is sent again by 307 and 308 only: the other statuses ask for a GET, after which
    /// what was to be delivered would seem to be.
    Result<void> follow(unsigned status, std::string_view location);

    const Url& url() const { return url_; }
    const Request& request() const { return request_; }

  private:
    Url url_;
    Request request_;
    unsigned most_;
    std::vector<std::string> seen_;  // URLs, to tell a loop from a long way
};

/// Passes an answer on to the caller's sink unless it is a redirect.
class RedirectSink final : public BodySink {
  public:
    explicit RedirectSink(BodySink& sink) : sink_(sink) {}
    Result<void> on_head(const ResponseHead& head) override;
    Result<void> on_body(std::string_view piece) override;

    /// Of the last answer; nothing: it was no redirect.
    const std::optional<std::string>& location() const { return location_; }

  private:
    BodySink& sink_;
    std::optional<std::string> location_;
};

}  // namespace pifleet::http
