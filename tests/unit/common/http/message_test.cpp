#include "common/http/message.hpp"

#include "common/http/wire.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::http;

TEST_CASE("a header is found by its name in any case, the first of several", "[http]") {
    const std::vector<Header> headers{{"Content-Type", "a"}, {"X-Two", "1"}, {"x-two", "2"}};
    CHECK(find_header(headers, "content-type") == "a");
    CHECK(find_header(headers, "X-TWO") == "1");
    CHECK(find_header(headers, "X-Three").empty());
}

TEST_CASE("a request's path and query values", "[http]") {
    Request request;
    request.target = "/metrics?collect[]=cpu&collect%5B%5D=mem+info&&flag&x=a%3Db&bad=%zz";
    CHECK(request.path() == "/metrics");
    CHECK(request.query("collect[]") == std::vector<std::string>{"cpu", "mem info"});
    CHECK(request.query("flag") == std::vector<std::string>{""});
    CHECK(request.query("x") == std::vector<std::string>{"a=b"});
    CHECK(request.query("bad") == std::vector<std::string>{"%zz"});
    CHECK(request.query("none").empty());
    request.target = "/";
    CHECK(request.path() == "/");
    CHECK(request.query("x").empty());
}

TEST_CASE("a request's head has what the connection needs, unless the caller says otherwise", "[http]") {
    const auto origin = parse_url("http://[::1]:9100/").value();
    Request request;
    request.target = "/metrics?a=b";
    CHECK(request_head(request, origin).value() ==
          "GET /metrics?a=b HTTP/1.1\r\nHost: [::1]:9100\r\nAccept-Encoding: gzip\r\n\r\n");

    request.method = "POST";
    request.headers = {{"host", "other"}, {"accept-encoding", "identity"}, {"content-length", "99"}};
    request.body = "abc";
    CHECK(request_head(request, origin).value() ==
          "POST /metrics?a=b HTTP/1.1\r\nhost: other\r\naccept-encoding: identity\r\nContent-Length: "
          "3\r\n\r\n");
    request.body.clear();
    CHECK(request_head(request, origin).value().ends_with("Content-Length: 0\r\n\r\n"));
}

TEST_CASE("nothing in a request or response can add a line of its own", "[http]") {
    const auto origin = parse_url("http://pi/").value();
    Request request;
    request.headers = {{"X-Api-Key", "secret\r\nX-Evil: 1"}};
    const auto made = request_head(request, origin);
    REQUIRE(!made);
    CHECK(made.error().message == "the value of header 'X-Api-Key' has a control character");
    request.headers = {{"X: y", "z"}};
    CHECK(!request_head(request, origin));
    request.headers.clear();
    request.target = "/ HTTP/1.1\r\nX-Evil: 1";
    CHECK(!request_head(request, origin));
    request.target = "/";
    request.method = "GET /";
    CHECK(!request_head(request, origin));

    auto response = text_response(200, "ok");
    response.headers.push_back({"Location", "/\nSet-Cookie: a"});
    CHECK(!response_head(response, 11, true, "OK"));
}

TEST_CASE("a response's head says its length and what becomes of the connection", "[http]") {
    const auto response = text_response(404, "no");
    const std::string begin =
        " 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n";
    CHECK(response_head(response, 11, true, "Not Found").value() == "HTTP/1.1" + begin + "\r\n");
    CHECK(response_head(response, 11, false, "Not Found").value() ==
          "HTTP/1.1" + begin + "Connection: close\r\n\r\n");
    CHECK(response_head(response, 10, true, "Not Found").value() ==
          "HTTP/1.0" + begin + "Connection: keep-alive\r\n\r\n");
    Response empty;
    empty.status = 204;
    CHECK(response_head(empty, 11, true, "No Content").value() == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("times in errors are as people write them", "[http]") {
    using namespace std::chrono_literals;
    CHECK(no_answer_within(10s) == "no answer within 10s");
    CHECK(no_answer_within(4999ms) == "no answer within 5s");
    CHECK(no_answer_within(1500ms) == "no answer within 1.5s");
    CHECK(no_answer_within(250ms, "no word") == "no word within 0.25s");
}
