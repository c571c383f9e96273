#include "common/http/router.hpp"

#include <utility>

namespace pifleet::http {

namespace {

bool serves(std::string_view route, std::string_view method) {
    return route == method || (route == "GET" && method == "HEAD");
}

boost::asio::awaitable<Response> answer(Response response) {
    co_return response;
}

Response not_allowed(const std::string& allow) {
    auto response = text_response(405, "method not allowed\n");
    response.headers.push_back({"Allow", allow});
    return response;
}

}  // namespace

Handler route(std::vector<Route> routes) {
    // Not a coroutine itself: the handlers outlive the awaitables they return, a lambda's copy might not.
    return [routes = std::move(routes)](Request request) {
        std::string allow;
        for (const auto& each : routes) {
            if (each.path != request.path()) continue;
            if (serves(each.method, request.method)) return each.handler(std::move(request));
            if (!allow.empty()) allow += ", ";
            allow += each.method == "GET" ? "GET, HEAD" : each.method;
        }
        return answer(allow.empty() ? text_response(404, "not found\n") : not_allowed(allow));
    };
}

}  // namespace pifleet::http
