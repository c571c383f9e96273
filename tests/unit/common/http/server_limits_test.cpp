// Clients that are wrong, too slow, too large or too many.
#include "common/http/server.hpp"
#include "server_fixture.hpp"
#include "tests/catch.hpp"

#include <sys/socket.h>

#include <thread>
#include <utility>
#include <vector>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

TEST_CASE("what cannot be read is answered by its status and a closed connection", "[http]") {
    ServerThread server(handler, quick());
    const std::vector<std::pair<std::string, std::string>> cases{
        {"nonsense\r\n\r\n", "400"},
        {"GET / HTTP/2.0\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\n\r\n", "400"},  // no Host
        {request("GET /", "Host: two\r\n"), "400"},
        {request("GET /", "no colon\r\n"), "400"},
        {request("POST /", "Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), "400"},
        {request("POST /", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "abc"), "400"},
        {request("POST /", "Transfer-Encoding: chunked\r\n", "zz\r\n"), "400"},
        {request("POST /", "Content-Length: 1001\r\n"), "413"},
        {request("POST /", "Transfer-Encoding: chunked\r\n", "3e9\r\n"), "413"},
        {request("GET /" + std::string(3000, 'x')), "431"},
        {request("GET /", "X: " + std::string(3000, 'x') + "\r\n"), "431"},
        {request("GET /", "X: " + std::string(50'000, 'x')), "431"},
    };
    for (const auto& [text, status] : cases) {
        INFO(text.substr(0, 60));
        const auto socket = Socket::connect(server.port());
        socket.send(text);
        const auto answer = socket.read_answer();
        CHECK(answer.substr(0, 13) == "HTTP/1.1 " + status + ' ');
        CHECK(answer.find("Connection: close\r\n") != std::string::npos);
        CHECK(socket.closed());
    }
}

TEST_CASE("a header that comes line by line is held to the limit too", "[http]") {
    auto limits = quick();
    limits.read = 5s;
    ServerThread server(handler, limits);
    const auto socket = Socket::connect(server.port());
    socket.send("GET / HTTP/1.1\r\n");
    int lines = 0;
    for (; lines < 400; ++lines) {
        socket.send("X: 45678901234567890\r\n");  // 22 bytes
        std::this_thread::sleep_for(2ms);
        char byte = 0;
        if (::recv(socket.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1) break;
    }
    CHECK(socket.read_answer().starts_with("HTTP/1.1 431 "));
    CHECK(lines < 200);
}

TEST_CASE("slow, silent and idle clients are closed", "[http]") {
    ServerThread server(handler, quick());
    SECTION("a byte now and then") {
        const auto socket = Socket::connect(server.port());
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < 20; ++i) {
            socket.send(get.substr(static_cast<std::size_t>(i), 1));
            std::this_thread::sleep_for(20ms);
        }
        CHECK(socket.closed());
        CHECK(elapsed(began) < 2s);
    }
    SECTION("nothing at all") {
        const auto began = std::chrono::steady_clock::now();
        CHECK(Socket::connect(server.port()).closed());
        CHECK(elapsed(began) >= 190ms);
        CHECK(elapsed(began) < 2s);
    }
    SECTION("a body that does not come") {
        const auto socket = Socket::connect(server.port());
        socket.send(request("POST /", "Content-Length: 10\r\n", "abc"));
        CHECK(socket.read_all().empty());
    }
    SECTION("idle after an answer: longer than a read may take, then closed") {
        const auto socket = Socket::connect(server.port());
        socket.send(get);
        socket.read_answer();
        std::this_thread::sleep_for(250ms);
        socket.send(get);
        CHECK(socket.read_answer().starts_with("HTTP/1.1 200"));
        const auto began = std::chrono::steady_clock::now();
        CHECK(socket.closed());
        CHECK(elapsed(began) >= 390ms);
    }
    SECTION("an answer that nobody reads") {
        const auto socket = Socket::connect(server.port());
        socket.send(request("GET /large"));
        std::this_thread::sleep_for(500ms);
        CHECK(socket.read_answer().size() < 20'000'000);
    }
}

TEST_CASE("one connection too many is told so", "[http]") {
    ServerThread server(handler, quick());
    const auto one = Socket::connect(server.port());
    {
        const auto two = Socket::connect(server.port());
        one.send(get);
        two.send(get);
        CHECK(one.read_answer().starts_with("HTTP/1.1 200"));
        CHECK(two.read_answer().starts_with("HTTP/1.1 200"));
        const auto three = Socket::connect(server.port());
        three.send(get);
        CHECK(three.read_answer().starts_with("HTTP/1.1 503 "));
        CHECK(three.closed());
        one.send(get);
        CHECK(one.read_answer().starts_with("HTTP/1.1 200"));
    }
    std::this_thread::sleep_for(50ms);
    const auto four = Socket::connect(server.port());
    four.send(get);
    CHECK(four.read_answer().starts_with("HTTP/1.1 200"));
}

TEST_CASE("a handler's exception is a 500 and the connection lives on", "[http]") {
    ServerThread server(handler, quick());
    const auto socket = Socket::connect(server.port());
    socket.send(request("GET /throw"));
    const auto answer = socket.read_answer();
    CHECK(answer.starts_with("HTTP/1.1 500 "));
    CHECK(answer.find("broken handler") == std::string::npos);
    socket.send(get);
    CHECK(socket.read_answer().starts_with("HTTP/1.1 200"));
    socket.send(request("GET /inject?to=/%0d%0aSet-Cookie:+a=b"));
    CHECK(socket.read_all().empty());
}
