// Answers whose reader is in no hurry: little that comes may lie, much and the end may not.
#include "certificates.hpp"
#include "client_fixture.hpp"
#include "tests/catch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <sys/resource.h>

#include <thread>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

class Leisurely final : public Recorder {
  public:
    explicit Leisurely(std::chrono::milliseconds rest) : rest_(rest) {}
    std::chrono::milliseconds rest() override { return rest_; }

  private:
    const std::chrono::milliseconds rest_;
};

using Write = std::function<bool(std::string_view)>;

// A server that answers by `script`, over TLS or not, and then hangs up.
struct Scene {
    Scene(bool tls, std::function<void(const Write&)> script)
        : peer(tls ? secure(std::move(script)) : plain(std::move(script))) {
        ClientOptions options;
        options.tls.ca_file = folder.file("ca.pem", authority.pem());
        const auto scheme = tls ? "https" : "http";
        const auto url = parse_url(scheme + std::string("://127.0.0.1:") + std::to_string(peer.port()) + "/");
        client.emplace(io.get_executor(), url.value(), std::move(options));
    }

    static std::function<void(Socket&)> plain(std::function<void(const Write&)> script) {
        return [script = std::move(script)](Socket& socket) {
            socket.read_until("\r\n\r\n");
            script([&](std::string_view text) { return socket.send(text); });
        };
    }
    std::function<void(Socket&)> secure(std::function<void(const Write&)> script) const {
        TlsServer server;
        server.own = make_certificate({}, &authority);
        server.respond = [script = std::move(script)](const std::string&, const Write& write) {
            script(write);
            return false;
        };
        return serving(std::move(server));
    }

    TempFolder folder;
    Certificate authority = make_certificate({"", true});
    asio::io_context io;
    Peer peer;
    std::optional<Client> client;
};

// How often this thread has waited for something.
long sleeps() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

}  // namespace

TEST_CASE("small pieces of one who may wait are read many at a time", "[http][rest]") {
    Scene scene(GENERATE(false, true), [](const Write& write) {
        write(head);
        for (int i = 0; i < 40; ++i) {
            write("5\r\nhello\r\n");
            std::this_thread::sleep_for(5ms);
        }
        write("0\r\n\r\n");
    });
    Leisurely sink(1s);
    const auto before = sleeps();
    const auto got = run(scene.io, scene.client->send(Request{}, in(30s), sink));
    REQUIRE(got.has_value());
    CHECK(sink.body == repeated("hello", 40));
    CHECK(sleeps() - before < 20);
}

TEST_CASE("much is read at once, and the end", "[http][rest]") {
    const std::string piece(3000, 'x');  // records that end within what is read at a time
    Scene scene(GENERATE(false, true), [&](const Write& write) {
        write(head);
        for (int i = 0; i < 400; ++i) write("bb8\r\n" + piece + "\r\n");
        write("0\r\n\r\n");
    });
    Leisurely sink(1min);
    const auto begun = Clock::now();
    const auto got = run(scene.io, scene.client->send(Request{}, in(50s), sink));
    REQUIRE(got.has_value());
    CHECK(sink.body.size() == 400 * piece.size());
    CHECK(Clock::now() - begun < 20s);
}

TEST_CASE("little is read when its time is over, and the deadline holds within it", "[http][rest]") {
    const bool tls = GENERATE(false, true);
    std::atomic<bool> over = false;
    Scene scene(tls, [&](const Write& write) {
        write(head);
        std::this_thread::sleep_for(50ms);
        write("5\r\nhello\r\n");
        while (!over) std::this_thread::sleep_for(1ms);
    });
    const auto begun = Clock::now();
    SECTION("its time") {
        Leisurely sink(300ms);
        const auto got = run(scene.io, scene.client->send(Request{}, in(2s), sink));
        CHECK_FALSE(got.has_value());
        CHECK(sink.body == "hello");
    }
    SECTION("the deadline") {
        Leisurely sink(1min);
        const auto got = run(scene.io, scene.client->send(Request{}, in(500ms), sink));
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().message.starts_with("no complete answer within"));
        CHECK(Clock::now() - begun < 20s);
    }
    over = true;
}

TEST_CASE("who rests is stopped at once", "[http][rest]") {
    std::atomic<bool> over = false;
    Scene scene(GENERATE(false, true), [&](const Write& write) {
        write(head + "5\r\nhello\r\n");
        while (!over) std::this_thread::sleep_for(1ms);
    });
    Leisurely sink(1min);
    asio::cancellation_signal stop;
    bool ended = false;
    const Request request;
    asio::co_spawn(
        scene.io,
        scene.client->send(request, in(1min), sink),
        asio::bind_cancellation_slot(stop.slot(), [&](const std::exception_ptr&, auto) { ended = true; }));
    const auto begun = Clock::now();
    while (sink.body.empty() && Clock::now() - begun < 20s) scene.io.run_one_for(20ms);
    CHECK(sink.body == "hello");
    scene.io.poll();  // it rests
    stop.emit(asio::cancellation_type::terminal);
    scene.client.reset();
    scene.io.run_for(20s);  // until nothing is left to do
    CHECK(ended);
    CHECK(Clock::now() - begun < 20s);
    over = true;
}
