// --auth-filter: a scraper's bearer token is shown to the API server (TokenReview), which then says whether
// its owner may get this path (SubjectAccessReview). What it said holds for a while.
#pragma once

#include "common/http/server.hpp"
#include "exporters/k8s_state/api.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace pifleet::k8s {

class AuthFilter : public std::enable_shared_from_this<AuthFilter> {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds allowed_for{60}, refused_for{10};
    static constexpr std::size_t most_remembered = 256, most_under_way = 16;

    /// `api` gives the API server of the moment.
    explicit AuthFilter(std::function<std::shared_ptr<Api>()> api) : api_(std::move(api)) {}

    /// In front of `inner`: 401 without a token that is known, 403 for one that may not, 503 when the API
    /// server does not tell.
    http::Handler handler(http::Handler inner);

  private:
    struct Verdict {
        unsigned status = 503;  // 200: may pass
        std::string text;
        Clock::time_point until;
    };
    boost::asio::awaitable<http::Response> answer(http::Request request, const http::Handler& inner);
    boost::asio::awaitable<Verdict> ask(std::string token, std::string verb, std::string path);
    void remember(const std::string& key, Verdict verdict);

    std::function<std::shared_ptr<Api>()> api_;
    std::map<std::string, Verdict> remembered_;  // by verb, path and token
    std::size_t under_way_ = 0;
};

}  // namespace pifleet::k8s
