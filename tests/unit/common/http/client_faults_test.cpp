// Answers that are broken, too large, too slow or no answers at all.
#include "client_fixture.hpp"
#include "common/http/client.hpp"
#include "common/http/gzip.hpp"
#include "tests/catch.hpp"

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("a body cut short is an error", "[http]") {
    const auto error = [](std::string answer) { return ClientFixture(answering(std::move(answer))).error(); };
    CHECK(error("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd") ==
          "the answer was cut short after 4 bytes");
    CHECK(error(chunked({"abcd"})) == "the answer was cut short after 4 bytes");
    CHECK(error(chunked({"abcd"}) + "5\r\nab") == "the answer was cut short after 6 bytes");
    CHECK(error(chunked({"abcd"}) + "0\r\n") == "the answer was cut short after 4 bytes");
    CHECK(error(sized(gzip(std::string(1000, 'a')).substr(0, 20), "Content-Encoding: gzip\r\n")) ==
          "the gzip stream was cut short");
    const auto until_end = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip(std::string(1000, 'a'));
    CHECK(error(until_end.substr(0, until_end.size() - 1)) == "the gzip stream was cut short");
    CHECK(error("") == "the connection was closed without an answer");

    ClientFixture reset([](Socket& socket) {
        socket.read_until("\r\n\r\n");
        socket.send("HTTP/1.1 200 OK\r\n\r\nabc");
        std::this_thread::sleep_for(50ms);
        socket.reset();
    });
    CHECK(reset.error() == "the answer was cut short after 3 bytes");
}

TEST_CASE("answers that are none", "[http]") {
    const auto error = [](std::string answer) { return ClientFixture(answering(std::move(answer))).error(); };
    CHECK(error("SSH-2.0-OpenSSH_9.2\r\n").starts_with("the answer is not valid HTTP ("));
    CHECK(error("HTTP/1.1 20x OK\r\n\r\n").starts_with("the answer is not valid HTTP ("));
    CHECK(error(chunked({}) + "zz\r\nabc").starts_with("the answer is not valid HTTP ("));
    CHECK(error(chunked({}) + "3\r\nabcdef\r\n").starts_with("the answer is not valid HTTP ("));
    CHECK(error(chunked({}) + "ffffffffffffffffff\r\n").starts_with("the answer is not valid HTTP ("));
    CHECK(error(chunked({}) + std::string(100'000, '1')).starts_with("the answer is not valid HTTP ("));
    CHECK(error("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
              .starts_with("the answer is not valid HTTP ("));
    CHECK(error(sized("x", "Content-Encoding: br\r\n")) ==
          "the answer's Content-Encoding 'br' is none that was asked for");
    CHECK(error(sized("x", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n")) ==
          "the answer's Content-Encoding 'gzip' is none that was asked for");
    CHECK(error(sized("<html>", "Content-Encoding: gzip\r\n")).starts_with("broken gzip stream: "));
    CHECK(error("HTTP/1.1 101 Switching Protocols\r\n\r\n") == "the answer switches to another protocol");
}

TEST_CASE("limits of the answer", "[http]") {
    ClientOptions options;
    options.header_bytes = 2000;
    options.body_bytes = 5000;
    const auto error = [&](std::string answer) {
        return ClientFixture(answering(std::move(answer)), options).error();
    };
    const std::string header_limit = "the answer's header is over the limit of 2000 bytes";
    CHECK(error("HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\n\r\n") == header_limit);
    CHECK(error("HTTP/1.1 200 OK\r\n" + repeated("X: y\r\n", 1000) + "\r\n") == header_limit);
    CHECK(error(repeated("HTTP/1.1 100 Continue\r\n\r\n", 1000)) == header_limit);
    CHECK(error("HTTP/1.1 200 " + std::string(100'000, 'x')) == header_limit);

    const std::string body_limit = "the answer's body is over the limit of 5000 bytes";
    CHECK(error(sized(std::string(5001, 'x'))) == body_limit);
    CHECK(error(chunked({std::string(3000, 'x'), std::string(3000, 'x')})) == body_limit);
    CHECK(error("HTTP/1.1 200 OK\r\n\r\n" + std::string(6000, 'x')) == body_limit);
    CHECK(error(sized(std::string(5000, 'x'))) == "");
    CHECK(error(sized(gzip(std::string(1'000'000, 'x')), "Content-Encoding: gzip\r\n")) ==
          "the unpacked body is over the limit of 5000 bytes");

    ClientFixture drip(
        [](Socket& socket) {
            socket.read_until("\r\n\r\n");
            socket.send("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 1000; ++i) {  // a line a packet
                if (!socket.send("X: 45678901234567890\r\n")) return;
                std::this_thread::sleep_for(1ms);
            }
        },
        options);
    CHECK(drip.error() == header_limit);
}

TEST_CASE("the deadline holds for every step", "[http]") {
    const auto began = std::chrono::steady_clock::now();
    SECTION("no answer") {
        ClientFixture test([](Socket& socket) { socket.read_all(); });
        CHECK(test.error(200ms) == "no answer within 0.2s");
    }
    SECTION("a byte now and then") {
        const auto answer = GENERATE(as<std::string>{},
                                     sized(std::string(1000, 'x')),
                                     chunked({std::string(1000, 'x')}),
                                     "HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x'));
        ClientFixture test([&](Socket& socket) {
            socket.read_until("\r\n\r\n");
            for (const char byte : answer.substr(0, 60)) {
                if (!socket.send({&byte, 1})) return;
                std::this_thread::sleep_for(20ms);
            }
        });
        CHECK(test.error(300ms) == "no complete answer within 0.3s");
    }
    SECTION("a request that nobody reads") {
        ClientFixture test([](Socket&) { std::this_thread::sleep_for(400ms); });
        test.request.method = "POST";
        test.request.body = std::string(20'000'000, 'x');
        CHECK(test.error(200ms) == "no answer within 0.2s");
    }
    SECTION("a deadline that has passed") {
        ClientFixture test(answering(sized("a")));
        CHECK(test.error(-1s) == "no time left for the request");
        CHECK(test.peer.accepted() == 0);
    }
    SECTION("the connection is dropped, the next request gets a new one") {
        bool first = true;
        ClientFixture test([&](Socket& socket) {
            socket.read_until("\r\n\r\n");
            if (!std::exchange(first, false))
                socket.send(sized("a"));
            else
                socket.read_all();
        });
        CHECK(test.error(200ms) == "no answer within 0.2s");
        CHECK(test.error() == "");
        CHECK(test.peer.accepted() == 2);
    }
    CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("steps before the request have errors of their own", "[http]") {
    asio::io_context io;
    const auto error = [&](const std::string& url, std::chrono::milliseconds time = 2s) {
        Client client(io.get_executor(), parse_url(url).value());
        const auto answer = run(io, client.send(Request{}, in(time), 100));
        return answer ? "" : answer.error().message;
    };
    std::uint16_t free_port = 0;
    {
        free_port = Peer([](Socket&) {}).port();
    }
    const auto authority = "127.0.0.1:" + std::to_string(free_port);
    CHECK(error("http://" + authority + "/") == "cannot connect to " + authority + ": Connection refused");
    CHECK(error("http://nosuchhost.invalid/", 20s).starts_with("cannot resolve 'nosuchhost.invalid': "));

    Request bad;
    bad.headers = {{"X", "a\nb"}};
    Client client(io.get_executor(), url_of(free_port));
    CHECK(run(io, client.send(bad, in(1s), 100)).error().message ==
          "the value of header 'X' has a control character");
}
