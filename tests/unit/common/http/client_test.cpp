#include "common/http/client.hpp"

#include "client_fixture.hpp"
#include "common/http/gzip.hpp"
#include "tests/catch.hpp"

#include <atomic>
#include <optional>
#include <thread>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("bodies of every framing arrive whole", "[http]") {
    struct Case {
        std::string answer;
        std::string body;
        bool framed;
    };
    const std::string large(200'000, 'x');
    const std::vector<Case> cases{
        {sized("hello"), "hello", true},
        {sized(""), "", true},
        {sized(large), large, true},
        {chunked({"hel", "lo", large}) + "0\r\n\r\n", "hello" + large, true},
        {chunked({"a"}) + "0;ext=1\r\nTrailer: x\r\n\r\n", "a", true},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", false},
        {"HTTP/1.0 200 OK\r\n\r\n", "", false},
        {"HTTP/1.1 204 No Content\r\n\r\n", "", true},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + sized("late"), "late", true},
        {sized(gzip("packed"), "Content-Encoding: gzip\r\n"), "packed", true},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: x-gzip\r\n\r\n" + gzip(large), large, false},
        {sized("plain", "Content-Encoding: identity\r\n"), "plain", true},
    };
    for (const auto& each : cases) {
        INFO(each.answer.substr(0, 80));
        ClientFixture test(answering(each.answer));
        const auto head = test.send();
        REQUIRE(head.has_value());
        CHECK(test.sink.body == each.body);
        CHECK(head->framed == each.framed);
        CHECK(test.sink.head.framed == each.framed);
        CHECK(head->body_bytes == each.body.size());
        CHECK(test.sink.largest <= 40'000);  // pieces, not the whole
    }
}

TEST_CASE("an answer may come in any pieces", "[http]") {
    const auto packed = gzip(repeated("node_load1 0.5\n", 20));
    for (const auto& answer :
         {chunked({packed.substr(0, 7), packed.substr(7)}) + "0\r\nTrailer: x\r\n\r\n", sized(packed)}) {
        ClientFixture test([&](Socket& socket) {
            socket.read_until("\r\n\r\n");
            const auto head_end = answer.find("\r\n") + 2;
            socket.send(answer.substr(0, head_end) + "Content-Encoding: gzip\r\n");
            for (const char byte : answer.substr(head_end)) {
                socket.send({&byte, 1});
                std::this_thread::sleep_for(200us);
            }
        });
        REQUIRE(test.send().has_value());
        CHECK(test.sink.body == repeated("node_load1 0.5\n", 20));
    }
}

TEST_CASE("the head is handed over before the body, and the whole in one piece when asked", "[http]") {
    ClientFixture test(answering("HTTP/1.1 503 Away\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nlate"));
    const auto answer = run(test.io, test.client.send(test.request, in(2s), 100));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 503);
    CHECK(find_header(answer->headers, "retry-after") == "7");
    CHECK(answer->body == "late");
    const auto limited = run(test.io, test.client.send(test.request, in(2s), 3));
    REQUIRE(!limited);
    CHECK(limited.error().message == "the answer's body is over the limit of 3 bytes");
}

TEST_CASE("what the server sees of a request", "[http]") {
    std::string seen;
    ClientFixture test([&](Socket& socket) {
        seen = socket.read_answer();
        socket.send(sized("ok"));
    });
    test.request.method = "POST";
    test.request.target = "/write?x=1";
    test.request.headers.push_back({"X-Scope", "a"});
    test.request.body = std::string(300'000, 'b');
    REQUIRE(test.send().has_value());
    CHECK(seen == "POST /write?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(test.peer.port()) +
                      "\r\nAccept-Encoding: gzip\r\nX-Scope: a\r\nContent-Length: 300000\r\n\r\n" +
                      test.request.body);
}

TEST_CASE("a HEAD answer has no body, whatever its head says", "[http]") {
    ClientFixture test([](Socket& socket) {
        for (int i = 0; i < 2; ++i) {
            socket.read_until("\r\n\r\n");
            socket.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Encoding: gzip\r\n\r\n");
        }
    });
    test.request.method = "HEAD";
    CHECK(test.send().has_value());
    CHECK(test.send().has_value());
    CHECK(test.peer.accepted() == 1);
}

TEST_CASE("the connection is kept while both sides want it", "[http]") {
    const auto script = [](std::string answer) {
        return [answer](Socket& socket) {
            while (!socket.read_until("\r\n\r\n").empty()) socket.send(answer);
        };
    };
    const auto connections = [&](const std::string& answer) {
        ClientFixture test(script(answer));
        for (int i = 0; i < 3; ++i) CHECK(test.send().has_value());
        return test.peer.accepted();
    };
    CHECK(connections(sized("a")) == 1);
    CHECK(connections(chunked({"a"}) + "0\r\n\r\n") == 1);
    CHECK(connections(sized("a", "Connection: close\r\n")) == 3);
    CHECK(connections("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na") == 3);
    CHECK(connections("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na") == 1);
    CHECK(connections(sized("a") + "more than announced") == 3);

    ClientFixture test(script(sized("a")));
    CHECK(test.send().has_value());
    test.client.close();
    CHECK(test.send().has_value());
    CHECK(test.peer.accepted() == 2);
}

TEST_CASE("a kept connection that the server closed is opened anew", "[http]") {
    SECTION("closed in between") {
        ClientFixture test(answering(sized("a")));
        for (int i = 0; i < 3; ++i) {
            CHECK(test.send().has_value());
            std::this_thread::sleep_for(20ms);
        }
        CHECK(test.peer.accepted() == 3);
    }
    SECTION("closed or reset when the next request comes: once more, and once only") {
        for (const bool reset : {false, true}) {
            int connection = 0;
            ClientFixture test([&](Socket& socket) {
                ++connection;
                if (connection == 1) {
                    socket.read_until("\r\n\r\n");
                    socket.send(sized("a"));
                }
                socket.read_until("\r\n\r\n");  // no answer to this one
                if (reset) socket.reset();
            });
            CHECK(test.send().has_value());
            CHECK(test.error() == "the connection was closed without an answer");
            CHECK(test.peer.accepted() == 2);
        }
    }
    SECTION("not when an answer had begun") {
        ClientFixture test([](Socket& socket) {
            socket.read_until("\r\n\r\n");
            socket.send(sized("a"));
            socket.read_until("\r\n\r\n");
            socket.send("HTTP/1.1 200");
        });
        CHECK(test.send().has_value());
        CHECK(test.error() == "the answer was cut short in its header");
        CHECK(test.peer.accepted() == 1);
    }
}

TEST_CASE("the sink may end the transfer", "[http]") {
    ClientFixture test([](Socket& socket) {
        while (!socket.read_until("\r\n\r\n").empty()) socket.send(sized(std::string(50'000, 'x')));
    });
    test.sink.refuse_head = true;
    CHECK(test.error() == "refused by the sink");
    CHECK(test.sink.body.empty());
    test.sink.refuse_head = false;
    test.sink.refuse_body = true;
    CHECK(test.error() == "enough");
    test.sink.refuse_body = false;
    CHECK(test.error() == "");
    CHECK(test.peer.accepted() == 3);
}

TEST_CASE("a name leads to each of its addresses in turn", "[http]") {
    // localhost is ::1 too on most machines; the peer listens on 127.0.0.1 only.
    Peer peer(answering(sized("a")));
    asio::io_context io;
    Client client(io.get_executor(), parse_url("http://localhost:" + std::to_string(peer.port())).value());
    const auto answer = run(io, client.send(Request{}, in(2s), 100));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "a");
}

TEST_CASE("our client and our server understand each other", "[http]") {
    ServerThread server([](Request request) -> asio::awaitable<Response> {
        auto response = text_response(200, repeated(request.body, 1000));
        response.compress = true;
        co_return response;
    });
    asio::io_context io;
    Client client(io.get_executor(), url_of(server.port()));
    Request request;
    request.method = "POST";
    for (const auto* body : {"", "some text\n"}) {
        request.body = body;
        Recorder sink;
        const auto head = run(io, client.send(request, in(2s), sink));
        REQUIRE(head.has_value());
        CHECK(sink.body == repeated(body, 1000));
        CHECK(head->framed);
        if (!request.body.empty()) CHECK(head->wire_bytes < 200);
    }
    Client moved(std::move(client));
    CHECK(run(io, moved.send(request, in(2s), 100'000)).has_value());
}

namespace {

// Waits for the next piece, not for the end.
class Patient : public BodySink {
  public:
    pifleet::Result<void> on_head(const ResponseHead&) override {
        heard();
        return {};
    }
    pifleet::Result<void> on_body(std::string_view piece) override {
        body += piece;
        heard();
        return {};
    }
    std::optional<Client::Deadline> deadline() override { return deadline_; }
    std::string body;

  private:
    void heard() { deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(600); }
    Client::Deadline deadline_;
};

}  // namespace

TEST_CASE("a sink may wait for the next piece in place of the end", "[http][client]") {
    std::atomic<int> sent = 0;
    Peer peer([&](Socket& socket) {
        socket.read_until("\r\n\r\n");
        socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 12 && socket.send("1\r\nx\r\n"); ++i) {
            ++sent;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        socket.closed();  // silent until the client goes
    });
    boost::asio::io_context io;
    Client client(io.get_executor(), url_of(peer.port()));
    Patient sink;
    const auto began = std::chrono::steady_clock::now();
    const auto got = run(io, client.send(Request{}, in(std::chrono::milliseconds(500)), sink));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().message.find("no complete answer within") == 0);
    CHECK(sink.body.size() == 12);
    CHECK(std::chrono::steady_clock::now() - began > std::chrono::milliseconds(1500));
}
