#include "common/http/resolve.hpp"

#include "common/base/blocking.hpp"
#include "common/http/wire.hpp"

#include <netdb.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

struct Looked {
    int code = EAI_AGAIN;  // getaddrinfo's
    int system = 0;        // errno with EAI_SYSTEM
    Endpoints endpoints;
};

Looked look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    Looked out;
    out.code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    out.system = errno;
    if (out.code != 0) return out;
    for (const auto* each = list; each; each = each->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (each->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
        endpoint.resize(each->ai_addrlen);
        out.endpoints.push_back(endpoint);
    }
    freeaddrinfo(list);
    return out;
}

Result<Endpoints> to_result(Looked looked) {
    if (looked.code == EAI_SYSTEM) return failure(std::strerror(looked.system));
    if (looked.code != 0) return failure(gai_strerror(looked.code));
    if (looked.endpoints.empty()) return failure("it has no address");
    return std::move(looked.endpoints);
}

}  // namespace

asio::awaitable<Result<Endpoints>> resolve(std::string host,
                                           std::uint16_t port,
                                           std::chrono::steady_clock::time_point deadline) {
    auto literal = look_up(host, port, AI_NUMERICHOST);
    if (literal.code == 0) co_return to_result(std::move(literal));

    const auto began = std::chrono::steady_clock::now();
    auto looked = std::make_shared<Looked>();
    std::function<void()> work = [looked, host = std::move(host), port] { *looked = look_up(host, port, 0); };
    const auto ended = co_await run_blocking(std::move(work), deadline);
    if (!ended) co_return ended.error();
    if (!*ended) co_return failure(no_answer_within(deadline - began));
    co_return to_result(std::move(*looked));
}

}  // namespace pifleet::http
