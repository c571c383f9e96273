#include "common/http/redirect.hpp"

#include "client_fixture.hpp"
#include "tests/catch.hpp"

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

std::string resolved(std::string_view base, std::string_view location) {
    const auto url = resolve_location(parse_url(base).value(), location);
    if (!url) return url.error().message;
    return (url->tls ? "https://" : "http://") + url->authority() + url->target;
}

Request with_credentials(std::string method = "GET") {
    Request request;
    request.method = std::move(method);
    request.target = "/start";
    request.credentials = {{"Authorization", "Bearer secret"}};
    return request;
}

std::string redirect(const std::string& location, int status = 302) {
    return "HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nLocation: " + location +
           "\r\nContent-Length: 4\r\n\r\nhere";
}

}  // namespace

TEST_CASE("a Location is seen from the page that said it", "[http]") {
    const auto* base = "http://pi:9100/a/b?q=1";
    CHECK(resolved(base, "https://other/x") == "https://other/x");
    CHECK(resolved(base, "//other:1/x") == "http://other:1/x");
    CHECK(resolved(base, "/x?y=http://z/") == "http://pi:9100/x?y=http://z/");
    CHECK(resolved(base, "c") == "http://pi:9100/a/c");
    CHECK(resolved(base, "../c/./d/..") == "http://pi:9100/c/");
    CHECK(resolved(base, "../../../..") == "http://pi:9100/");
    CHECK(resolved(base, "?z=2") == "http://pi:9100/a/b?z=2");
    CHECK(resolved(base, "c#part") == "http://pi:9100/a/c");
    CHECK(resolved("http://[::1]:1/a", "b") == "http://[::1]:1/b");
    CHECK(resolved(base, "ftp://other/").find("neither http nor https") != std::string::npos);
    CHECK(resolved(base, "/a b").find("blank") != std::string::npos);
}

TEST_CASE("credentials stay with the host that they were meant for", "[http]") {
    const auto kept = [](std::string_view from, std::string_view to) {
        Trail trail(parse_url(from).value(), with_credentials(), 10);
        REQUIRE(trail.follow(302, to));
        return !trail.request().credentials.empty();
    };
    CHECK(kept("http://pi/", "/x"));
    CHECK(kept("http://pi/", "http://PI:8080/x"));
    CHECK(kept("http://pi.lan/", "https://a.pi.lan/"));
    CHECK_FALSE(kept("http://pi/", "http://other/"));
    CHECK_FALSE(kept("http://pi.lan/", "http://evilpi.lan/"));
    CHECK_FALSE(kept("https://pi/", "http://pi/"));  // out of TLS

    Trail there_and_back(parse_url("http://pi/").value(), with_credentials(), 10);
    REQUIRE(there_and_back.follow(302, "http://other/"));
    REQUIRE(there_and_back.follow(302, "http://pi/again"));
    CHECK(there_and_back.request().credentials.empty());
}

TEST_CASE("loops and ways without end are named", "[http]") {
    Trail loop(parse_url("http://pi/").value(), with_credentials(), 10);
    REQUIRE(loop.follow(301, "/a?key=k"));
    CHECK(loop.follow(301, "/start").error().message ==
          "redirect loop: http://pi/a?key=*** leads back to http://pi/start");
    Trail endless(parse_url("http://pi/").value(), with_credentials(), 10);
    for (int i = 0; i < 10; ++i) REQUIRE(endless.follow(302, "/" + std::to_string(i)));
    CHECK(endless.follow(302, "/10").error().message ==
          "redirected more than 10 times, the last time by http://pi/9");
    CHECK(endless.follow(302, "http://").error().message.find("leads nowhere: ") != std::string::npos);
}

TEST_CASE("a body goes along by 307 and 308 only", "[http]") {
    for (const unsigned status : {307u, 308u}) {
        Trail trail(parse_url("http://pi/").value(), with_credentials("POST"), 10);
        CHECK(trail.follow(status, "/next"));
        CHECK(trail.request().method == "POST");
        CHECK(trail.request().target == "/next");
    }
    Trail trail(parse_url("http://pi/").value(), with_credentials("POST"), 10);
    CHECK(trail.follow(302, "/next").error().message ==
          "status 302 redirects to http://pi/next, where a POST does not follow: set the url to this one");
}

TEST_CASE("the client follows within a host over the same connection, and to another one", "[http]") {
    std::string asked;
    Peer other([&](Socket& socket) {
        asked = socket.read_until("\r\n\r\n");
        socket.send(sized("there"));
    });
    const auto elsewhere = "http://localhost:" + std::to_string(other.port()) + "/metrics";
    ClientOptions options;
    options.redirects = 10;
    ClientFixture test(
        [&](Socket& socket) {
            socket.read_until("\r\n\r\n");
            socket.send(redirect("/second"));
            CHECK(socket.read_until("\r\n\r\n").starts_with("GET /second HTTP/1.1\r\n"));
            socket.send(redirect(elsewhere, 308));
        },
        options);
    test.request.credentials = {{"Authorization", "Bearer secret"}};
    const auto head = test.send();
    REQUIRE(head.has_value());
    CHECK(test.sink.body == "there");  // nothing of the redirects' own pages
    CHECK(test.peer.accepted() == 1);
    CHECK(asked.starts_with("GET /metrics HTTP/1.1\r\nHost: localhost:"));
    CHECK(asked.find("secret") == std::string::npos);
}

TEST_CASE("a redirect that is not followed is an answer like any other", "[http]") {
    ClientFixture test(answering(redirect("/next")));
    REQUIRE(test.send().has_value());
    CHECK(test.sink.head.status == 302);
    CHECK(test.sink.body == "here");
    ClientOptions options;
    options.redirects = 10;
    ClientFixture without_location(answering("HTTP/1.1 302 Found\r\nContent-Length: 4\r\n\r\nlost"), options);
    REQUIRE(without_location.send().has_value());
    CHECK(without_location.sink.body == "lost");
}
