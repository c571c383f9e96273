#include "common/http/router.hpp"

#include "peers.hpp"
#include "tests/catch.hpp"

using namespace pifleet::http;

namespace {

Handler saying(std::string text) {
    return [text](Request request) -> boost::asio::awaitable<Response> {
        co_return text_response(200, text + ' ' + request.target);
    };
}

}  // namespace

TEST_CASE("routes by path and method", "[http]") {
    const auto router = route({{"GET", "/metrics", saying("page")},
                               {"GET", "/-/reload", saying("form")},
                               {"POST", "/-/reload", saying("reload")}});
    boost::asio::io_context io;
    const auto ask = [&](std::string method, std::string target) {
        Request request;
        request.method = std::move(method);
        request.target = std::move(target);
        return test::run(io, router(std::move(request)));
    };
    CHECK(ask("GET", "/metrics?a=b").body == "page /metrics?a=b");
    CHECK(ask("HEAD", "/metrics").status == 200);
    CHECK(ask("POST", "/-/reload").body == "reload /-/reload");
    CHECK(ask("GET", "/-/reload").body == "form /-/reload");

    const auto missing = ask("GET", "/metrics/");
    CHECK(missing.status == 404);
    CHECK(missing.body == "not found\n");
    const auto wrong = ask("DELETE", "/-/reload");
    CHECK(wrong.status == 405);
    CHECK(find_header(wrong.headers, "Allow") == "GET, HEAD, POST");
}
