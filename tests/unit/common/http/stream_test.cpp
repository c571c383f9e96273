// Bodies that are made while they are sent.
#include "common/http/gzip.hpp"
#include "server_fixture.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

using namespace pifleet;
using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

// "0 1 2 …", a few views a piece.
class Count final : public BodySource {
  public:
    Count(int end, std::atomic<int>& alive) : end_(end), alive_(alive) { ++alive_; }
    ~Count() override { --alive_; }
    void next(std::vector<std::string_view>& pieces, std::size_t most) override {
        texts_.clear();
        for (std::size_t size = 10; size < std::min(most, std::size_t{5000}) && at_ < end_;) {
            texts_.push_back(std::to_string(at_++) + ' ');
            size += texts_.back().size();
        }
        for (const auto& text : texts_) pieces.push_back(text);
    }
    static std::string whole(int end) {
        std::string out;
        for (int i = 0; i < end; ++i) out += std::to_string(i) + ' ';
        return out;
    }

  private:
    const int end_;
    std::atomic<int>& alive_;
    int at_ = 0;
    std::vector<std::string> texts_;
};

struct Scene {
    explicit Scene(int end, ServerLimits limits = quick())
        : server(
              [this, end](Request) -> boost::asio::awaitable<Response> {
                  Response response;
                  response.source = std::make_shared<Count>(end, alive);
                  response.compress = true;
                  co_return response;
              },
              limits) {}
    std::atomic<int> alive{0};
    ServerThread server;
};

// The body of chunks, each of which must be well formed.
std::string joined(const std::string& chunks) {
    std::string out;
    for (std::size_t at = 0;;) {
        const auto line = chunks.find("\r\n", at);
        REQUIRE(line != std::string::npos);
        const auto size = std::stoul(chunks.substr(at, line - at), nullptr, 16);
        REQUIRE(chunks.substr(line + 2 + size, 2) == "\r\n");
        if (size == 0) return out;
        out += chunks.substr(line + 2, size);
        at = line + size + 4;
    }
}

}  // namespace

TEST_CASE("a body with a source is sent in chunks and the connection kept", "[http]") {
    Scene scene(5000);
    const auto socket = Socket::connect(scene.server.port());
    for (int i = 0; i < 2; ++i) {
        socket.send(get);
        const auto answer = socket.read_until("\r\n0\r\n\r\n");
        CHECK(answer.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK(answer.find("Content-Length") == std::string::npos);
        CHECK(joined(body_of(answer)) == Count::whole(5000));
    }
    CHECK(scene.alive == 0);
}

TEST_CASE("an empty source is an empty body", "[http]") {
    Scene scene(0);
    const auto socket = Socket::connect(scene.server.port());
    socket.send(request("GET /", "Connection: close\r\n"));
    CHECK(body_of(socket.read_all()) == "0\r\n\r\n");
}

TEST_CASE("in HTTP/1.0 the body ends with the connection, whatever is asked", "[http]") {
    Scene scene(3000);
    const auto socket = Socket::connect(scene.server.port());
    socket.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = socket.read_all();
    CHECK(answer.find("chunked") == std::string::npos);
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(body_of(answer) == Count::whole(3000));
}

TEST_CASE("HEAD asks a source for nothing", "[http]") {
    Scene scene(3000);
    const auto socket = Socket::connect(scene.server.port());
    socket.send(request("HEAD /") + request("GET /", "Connection: close\r\n"));
    CHECK(socket.read_until("\r\n\r\n").find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(socket.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(joined(socket.read_all()) == Count::whole(3000));
}

TEST_CASE("a source's body is packed for clients that take gzip", "[http]") {
    for (const int end : {0, 1, 200'000}) {
        Scene scene(end);
        const auto socket = Socket::connect(scene.server.port());
        socket.send(request("GET /", "Accept-Encoding: gzip\r\nConnection: close\r\n"));
        const auto answer = socket.read_all();
        CHECK(answer.find("Content-Encoding: gzip\r\n") != std::string::npos);
        std::string out;
        Gunzip gunzip(10'000'000);
        REQUIRE(gunzip.feed(joined(body_of(answer)), [&](std::string_view piece) -> Result<void> {
            out += piece;
            return {};
        }));
        REQUIRE(gunzip.finish());
        CHECK(out == Count::whole(end));
    }
}

TEST_CASE("a client that does not read is left after the time for an answer, and its source let go",
          "[http]") {
    Scene scene(50'000'000);
    const auto begun = std::chrono::steady_clock::now();
    {
        const auto socket = Socket::connect(scene.server.port());
        socket.send(get);
        while (scene.alive == 0 && elapsed(begun) < 5s) std::this_thread::yield();
        while (scene.alive != 0 && elapsed(begun) < 5s) std::this_thread::sleep_for(5ms);
    }
    CHECK(scene.alive == 0);
    CHECK(elapsed(begun) >= 300ms);
}

TEST_CASE("a head has a time of its own", "[http]") {
    auto limits = quick();
    limits.head = 100ms;
    limits.read = 5000ms;
    Scene scene(1, limits);
    const auto begun = std::chrono::steady_clock::now();
    const auto silent = Socket::connect(scene.server.port());
    CHECK(silent.closed());
    const auto slow = Socket::connect(scene.server.port());
    slow.send("GET / HTTP/1.1\r\n");
    CHECK(slow.closed());
    CHECK(elapsed(begun) < 4s);
    // A body may take longer than the head.
    const auto fair = Socket::connect(scene.server.port());
    fair.send("POST / HTTP/1.1\r\nHost: pi\r\nContent-Length: 1\r\n\r\n");
    std::this_thread::sleep_for(250ms);
    fair.send("x");
    CHECK(fair.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}
