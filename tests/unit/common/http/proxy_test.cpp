#include "common/http/proxy.hpp"

#include "certificates.hpp"
#include "client_fixture.hpp"
#include "common/http/tunnel.hpp"
#include "tests/catch.hpp"

#include <cstdlib>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

Url url(std::string_view text) {
    return parse_url(text).value();
}

// Sets a variable of the environment for as long as it lives.
struct Variable {
    Variable(const char* variable, const char* value) : name(variable) { ::setenv(name, value, 1); }
    ~Variable() { ::unsetenv(name); }
    const char* name;
};

std::string proxy_of(std::string_view origin, const ProxyOptions& options) {
    const auto proxy = proxy_for(url(origin), options);
    if (!proxy) return proxy.error().message;
    return *proxy ? (*proxy)->authority() : "";
}

ClientOptions through(std::uint16_t port, std::string_view userinfo = "") {
    ProxyOptions proxy;
    proxy.url = url("http://" + std::string(userinfo) + "127.0.0.1:" + std::to_string(port));
    proxy.connect_headers = {{"X-Way", "in"}};
    ClientOptions options;
    options.proxy = std::make_shared<const ProxyOptions>(proxy);
    return options;
}

}  // namespace

TEST_CASE("whom no_proxy names is asked directly", "[http]") {
    CHECK(exempt("*", url("http://pi/")));
    CHECK(exempt(" other , pi.lan", url("http://pi.lan/")));
    CHECK(exempt("pi.lan", url("http://a.PI.lan/")));
    CHECK_FALSE(exempt("pi.lan", url("http://notpi.lan/")));
    CHECK_FALSE(exempt(".pi.lan", url("http://pi.lan/")));
    CHECK(exempt(".pi.lan", url("http://a.pi.lan/")));
    CHECK(exempt("*.pi.lan", url("http://a.pi.lan/")));
    CHECK(exempt("pi:9100", url("http://pi:9100/")));
    CHECK_FALSE(exempt("pi:9100", url("http://pi:9101/")));
    CHECK(exempt("192.168.1.5", url("http://192.168.1.5:9100/")));
    CHECK(exempt("192.168.0.0/16", url("http://192.168.1.5:9100/")));
    CHECK_FALSE(exempt("192.168.0.0/24", url("http://192.168.1.5:9100/")));
    CHECK_FALSE(exempt("192.168.0.0/99,nonsense/1,[::1,:,", url("http://192.168.1.5/")));
    CHECK(exempt("fe80::/10", url("http://[fe80::1]/")));
    CHECK_FALSE(exempt("fe80::/10", url("http://192.168.1.5/")));
    CHECK(exempt("[::5]:80", url("http://[::5]/")));
    CHECK_FALSE(exempt("", url("http://pi/")));
}

TEST_CASE("the proxy is the configuration's or the environment's", "[http]") {
    ProxyOptions given;
    given.url = url("http://proxy:3128");
    CHECK(proxy_of("http://pi/", given) == "proxy:3128");
    CHECK(proxy_of("http://127.0.0.1/", given) == "proxy:3128");
    given.no_proxy = "other";
    CHECK(proxy_of("http://127.0.0.1/", given) == "");  // as Go: with no_proxy, this machine never
    CHECK(proxy_of("http://other/", given) == "");

    ProxyOptions environment;
    environment.from_environment = true;
    CHECK(proxy_of("http://pi/", environment) == "");
    const Variable http("HTTP_PROXY", "plain:1"), https("https_proxy", "http://secure:2"),
        none("NO_PROXY", "direct");
    CHECK(proxy_of("http://pi/", environment) == "plain:1");
    CHECK(proxy_of("https://pi/", environment) == "secure:2");
    CHECK(proxy_of("https://direct/", environment) == "");
    CHECK(proxy_of("http://localhost/", environment) == "");
    const Variable broken("HTTP_PROXY", "socks5://u:secret@h");
    const auto error = proxy_of("http://pi/", environment);
    CHECK(error.starts_with("HTTP_PROXY of the environment: a proxy of this kind is not supported"));
    CHECK(error.find("secret") == std::string::npos);
}

TEST_CASE("through a proxy an http request names the whole URL", "[http]") {
    std::string asked;
    Peer proxy([&](Socket& socket) {
        asked = socket.read_until("\r\n\r\n");
        socket.send(sized("by proxy"));
    });
    boost::asio::io_context io;
    Client client(io.get_executor(), url("http://far.example:9100/"), through(proxy.port(), "me:pass@"));
    Request request;
    request.target = "/metrics?a=b";
    const auto answer = run(io, client.send(request, in(2s), 100));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "by proxy");
    CHECK(
        asked.starts_with("GET http://far.example:9100/metrics?a=b HTTP/1.1\r\nHost: far.example:9100\r\n"));
    CHECK(asked.find("\r\nProxy-Authorization: Basic bWU6cGFzcw==\r\n") != std::string::npos);
    CHECK(asked.find("X-Way") == std::string::npos);  // for CONNECT only
}

TEST_CASE("https goes through a tunnel, and the certificate is the origin's", "[http][tls]") {
    TempFolder folder;
    const auto authority = make_certificate({"", true});
    TlsServer server;
    server.own = make_certificate({"DNS:far.example"}, &authority);
    server.answer = sized("tunnelled");
    const auto serve = serving(server);
    std::string asked;
    Peer proxy([&](Socket& socket) {
        asked = socket.read_until("\r\n\r\n");
        socket.send("HTTP/1.1 200 Connection established\r\nVia: us\r\n\r\n");
        serve(socket);
    });
    boost::asio::io_context io;
    auto options = through(proxy.port(), "me:pass@");
    options.tls.ca_file = folder.file("ca.pem", authority.pem());
    Client client(io.get_executor(), url("https://far.example/"), options);
    const auto answer = run(io, client.send(Request{}, in(5s), 100));
    REQUIRE(answer.has_value());
    CHECK(answer->body == "tunnelled");
    CHECK(asked ==
          "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\nX-Way: in\r\n"
          "Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n");
}

TEST_CASE("a proxy that does not dig says why", "[http]") {
    const auto error = [](std::string answer) {
        Peer proxy([&](Socket& socket) {
            socket.read_until("\r\n\r\n");
            socket.send(answer);
        });
        boost::asio::io_context io;
        auto options = through(proxy.port());
        options.connect = 500ms;
        Client client(io.get_executor(), url("https://far.example/"), options);
        const auto sent = run(io, client.send(Request{}, in(5s), 100));
        const auto message = sent ? "" : sent.error().message;
        const auto start =
            "cannot connect to far.example through the proxy 127.0.0.1:" + std::to_string(proxy.port()) +
            ": ";
        CHECK(message.starts_with(start));
        return message.substr(start.size());
    };
    CHECK(error("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") ==
          "the proxy answered with status 407 Proxy Authentication Required");
    CHECK(error("SSH-2.0-OpenSSH\r\n\r\n") == "the proxy's answer is not HTTP");
    CHECK(error("") == "the proxy closed the connection without an answer");
    CHECK(error(std::string(20'000, 'x')) == "the proxy's answer is over the limit of 16384 bytes");
    CHECK_FALSE(tunnel_granted("HTTP/1.1\r\n\r\n"));
    CHECK(tunnel_granted("HTTP/1.0 204\r\n\r\n"));
}
