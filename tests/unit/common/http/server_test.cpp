#include "common/http/server.hpp"

#include "common/http/gzip.hpp"
#include "common/http/port_holder.hpp"
#include "server_fixture.hpp"
#include "tests/catch.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("a connection is kept and answers one request after the other", "[http]") {
    ServerThread server(handler, quick());
    const auto socket = Socket::connect(server.port());
    for (int i = 0; i < 3; ++i) {
        socket.send(request("GET /a?b=" + std::to_string(i)));
        const auto answer = socket.read_answer();
        CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(answer.find("Connection:") == std::string::npos);
        CHECK(body_of(answer) == "GET /a?b=" + std::to_string(i) + ' ');
    }
    socket.send(request("POST /b", "Content-Length: 3\r\n", "abc") +
                request("GET /c", "Connection: close\r\n"));
    CHECK(body_of(socket.read_answer()) == "POST /b abc");
    const auto last = socket.read_answer();
    CHECK(last.find("Connection: close\r\n") != std::string::npos);
    CHECK(socket.closed());
}

TEST_CASE("HTTP/1.0 closes unless asked to stay", "[http]") {
    ServerThread server(handler, quick());
    const auto once = Socket::connect(server.port());
    once.send("GET /a HTTP/1.0\r\n\r\n");
    CHECK(once.read_all().starts_with("HTTP/1.0 200 OK\r\n"));
    const auto kept = Socket::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(kept.read_answer().find("Connection: keep-alive\r\n") != std::string::npos);
    }
}

TEST_CASE("HEAD gives the head of GET and no body", "[http]") {
    ServerThread server(handler, quick());
    const auto socket = Socket::connect(server.port());
    socket.send(request("HEAD /a") + request("GET /a"));
    CHECK(socket.read_until("\r\n\r\n").find("Content-Length: 8\r\n") != std::string::npos);
    CHECK(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));  // no body came between
}

TEST_CASE("chunked requests and Expect: 100-continue are understood", "[http]") {
    ServerThread server(handler, quick());
    const auto socket = Socket::connect(server.port());
    socket.send(request("POST /a", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    CHECK(body_of(socket.read_answer()) == "POST /a abcde");
    socket.send(request("POST /a", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
    CHECK(socket.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("ok");
    CHECK(body_of(socket.read_answer()) == "POST /a ok");
}

TEST_CASE("a page is packed for who takes it", "[http]") {
    ServerThread server(handler, quick());
    const auto socket = Socket::connect(server.port());
    const auto ask = [&](std::string_view headers) {
        socket.send(request("GET /page", headers));
        return socket.read_answer();
    };
    const auto packed = ask("Accept-Encoding: gzip\r\n");
    CHECK(packed.find("Content-Encoding: gzip\r\n") != std::string::npos);
    CHECK(packed.find("Vary: Accept-Encoding\r\n") != std::string::npos);
    Gunzip gunzip(1000);
    std::string body;
    const auto fed = gunzip.feed(body_of(packed), [&](std::string_view piece) -> pifleet::Result<void> {
        body += piece;
        return {};
    });
    CHECK(fed.has_value());
    CHECK(body == "GET /page ");
    for (const auto* headers : {"", "Accept-Encoding: gzip;q=0\r\n"}) {
        const auto plain = ask(headers);
        CHECK(plain.find("Content-Encoding") == std::string::npos);
        CHECK(plain.find("Vary: Accept-Encoding\r\n") != std::string::npos);
        CHECK(body_of(plain) == "GET /page ");
    }
}

TEST_CASE("stop lets an answer finish and closes idle connections at once", "[http]") {
    auto limits = quick();
    limits.idle = limits.read = 10s;
    limits.connections = 3;
    ServerThread server(handler, limits);
    const auto idle = Socket::connect(server.port());
    idle.send(get);
    idle.read_answer();
    const auto half = Socket::connect(server.port());
    half.send("GET / HT");
    const auto busy = Socket::connect(server.port());
    busy.send(request("GET /slow"));
    std::this_thread::sleep_for(100ms);

    const auto began = std::chrono::steady_clock::now();
    server.stop();
    CHECK(idle.closed());
    CHECK(half.closed());
    CHECK(elapsed(began) < 150ms);
    const auto answer = busy.read_answer();
    CHECK(answer.starts_with("HTTP/1.1 200"));
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(busy.closed());
    server.wait_for_end();
    CHECK(elapsed(began) < 2s);
    CHECK_THROWS(Socket::connect(server.port()));
}

TEST_CASE("a server may go while its connections are open", "[http]") {
    asio::io_context io;
    std::optional<Server> server(std::in_place, io, handler, quick());
    const auto port = server->listen("127.0.0.1:0").value();
    const auto socket = Socket::connect(port);
    io.run_for(20ms);
    socket.send(request("GET /slow"));
    io.run_for(50ms);
    server.reset();
    io.run();
    CHECK(socket.closed());
}

TEST_CASE("listening", "[http]") {
    asio::io_context io;
    Server server(io, handler);
    const auto error = [&](const std::string& address) {
        const auto port = server.listen(address);
        return port ? std::string() : port.error().message;
    };
    const auto port = server.listen("localhost:0").value();
    CHECK(Socket::connect(port).descriptor() >= 0);
    CHECK(error("localhost:" + std::to_string(port)) ==
          "cannot listen on localhost:" + std::to_string(port) +
              ": the port is in use (held by http_test, process " + std::to_string(getpid()) + ')');
    CHECK(error(':' + std::to_string(port)).find("held by http_test") != std::string::npos);
    CHECK(error("no-port").starts_with("cannot listen on no-port: 'no-port' has no port"));
    CHECK(error("192.0.2.1:0").starts_with("cannot listen on 192.0.2.1:0: "));
    CHECK(error("nosuchhost.invalid:80").find("cannot resolve 'nosuchhost.invalid'") != std::string::npos);

    const auto everywhere = server.listen(":0").value();
    CHECK(Socket::connect(everywhere).descriptor() >= 0);  // over IPv4
    const auto holder = port_holder({asio::ip::make_address("127.0.0.1"), everywhere});
    CHECK(holder == "http_test, process " + std::to_string(getpid()));
    server.stop();
    CHECK(port_holder({asio::ip::make_address("127.0.0.1"), everywhere}).empty());
    io.run();
}

TEST_CASE("a socket that listens already is taken over, another one refused") {
    boost::asio::io_context io;
    Server server(io,
                  [](Request) -> boost::asio::awaitable<Response> { co_return text_response(200, "here"); });
    const auto reason = [&](int descriptor) { return server.listen_on(descriptor).error().message; };
    CHECK(reason(::open("/dev/null", O_RDONLY)).find("Socket operation on non-socket") != std::string::npos);
    CHECK(reason(::socket(AF_UNIX, SOCK_STREAM, 0)).find("it is no TCP socket") != std::string::npos);
    CHECK(reason(::socket(AF_INET, SOCK_STREAM, 0)).find("it does not listen") != std::string::npos);

    const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback) == 0);
    REQUIRE(::listen(listening, 5) == 0);
    const auto address = server.listen_on(listening);
    REQUIRE(address.has_value());
    CHECK(address->starts_with("127.0.0.1 "));
    Client client(io.get_executor(), parse_url("http://127.0.0.1:" + address->substr(10)).value());
    CHECK(run(io, client.send(Request{}, in(std::chrono::seconds(5)), 100)).value().body == "here");
}
