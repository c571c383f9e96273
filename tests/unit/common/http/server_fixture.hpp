// What the server's tests share: a handler that does what they need, tight limits, requests as text.
#pragma once

#include "peers.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace pifleet::http::test {

inline const std::string get = "GET / HTTP/1.1\r\nHost: pi\r\n\r\n";

// Answers by path what the tests need.
inline boost::asio::awaitable<Response> handler(Request request) {
    if (request.path() == "/throw") throw std::runtime_error("broken handler");
    if (request.path() == "/slow") {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                        std::chrono::milliseconds(300));
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    if (request.path() == "/inject") {
        Response response;
        response.headers.push_back({"Location", request.query("to").at(0)});
        co_return response;
    }
    if (request.path() == "/large") co_return text_response(200, std::string(20'000'000, 'x'));
    auto response = text_response(200, request.method + ' ' + request.target + ' ' + request.body);
    response.compress = request.path() == "/page";
    co_return response;
}

inline ServerLimits quick() {
    ServerLimits limits;
    limits.header_bytes = 2000;
    limits.body_bytes = 1000;
    limits.connections = 2;
    limits.read = std::chrono::milliseconds(200);
    limits.write = std::chrono::milliseconds(300);
    limits.idle = std::chrono::milliseconds(400);
    return limits;
}

inline std::string request(std::string_view line, std::string_view headers = {}, std::string_view body = {}) {
    return std::string(line) + " HTTP/1.1\r\nHost: pi\r\n" + std::string(headers) + "\r\n" +
           std::string(body);
}

inline std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

inline auto elapsed(std::chrono::steady_clock::time_point since) {
    return std::chrono::steady_clock::now() - since;
}

}  // namespace pifleet::http::test
