// A server with a web configuration and our own client, in one io_context.
#include "common/http/web/guard.hpp"
#include "tests/catch.hpp"
#include "tests/unit/common/http/certificates.hpp"

#include <optional>

using namespace pifleet;
using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;

namespace {

boost::asio::awaitable<Response> hello(Request request) {
    const auto length = request.query("length");
    co_return text_response(200, length.empty() ? "hello" : std::string(std::stoul(length[0]), 'x'));
}

struct Fixture {
    boost::asio::io_context io;
    TempFolder folder;
    Certificate authority = make_certificate({"", true});
    Certificate own = make_certificate({}, &authority);
    std::string ca_file = folder.file("ca.pem", authority.pem());
    TlsOptions client;
    std::optional<Server> server;
    std::uint16_t port = 0;

    Fixture() {
        show(own);
        client.ca_file = ca_file;
    }
    void show(const Certificate& certificate) const {
        folder.file("cert.pem", certificate.pem());
        folder.file("key.pem", certificate.key_pem());
    }
    void serve(const std::string& more) {
        const auto file =
            folder.file("web.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n" + more);
        const auto guard = web::Guard::open(file);
        REQUIRE(guard.has_value());
        server.emplace(io, (*guard)->handler(hello), ServerLimits{}, (*guard)->tls());
        port = server->listen("127.0.0.1:0").value();
    }
    void come_as(const Certificate& certificate) {
        client.cert_file = folder.file("client.pem", certificate.pem());
        client.key_file = folder.file("client-key.pem", certificate.key_pem());
    }
    // The answer's body, or the error.
    std::string ask(const std::string& target = "/") {
        ClientOptions options;
        options.tls = client;
        Client asking(
            io.get_executor(), parse_url("https://127.0.0.1:" + std::to_string(port)).value(), options);
        Request request;
        request.target = target;
        const auto answer = run(io, asking.send(request, in(5s), 10'000'000));
        return answer ? answer->body : "error: " + answer.error().message;
    }
    bool refused() {
        const auto answer = ask();
        INFO(answer);
        CHECK(answer.starts_with("error: "));
        return answer.starts_with("error: ");
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "answers of every size travel by TLS") {
    serve("");
    CHECK(ask() == "hello");
    for (const std::size_t size : {1UL, 65'535UL, 65'536UL, 65'537UL, 3'000'000UL})
        CHECK(ask("/?length=" + std::to_string(size)).size() == size);
}

TEST_CASE_METHOD(Fixture, "a renewed certificate is shown from the next connection on; a broken one is not") {
    serve("");
    CHECK(ask() == "hello");
    const auto other_authority = make_certificate({"", true});
    show(make_certificate({}, &other_authority));
    CHECK(refused());  // it is another one now
    client.ca_file = folder.file("other-ca.pem", other_authority.pem());
    CHECK(ask() == "hello");
    folder.file("cert.pem", "half a certif");
    CHECK(ask() == "hello");
}

TEST_CASE_METHOD(Fixture, "RequireAndVerifyClientCert lets in who shows a certificate of its authority") {
    serve("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n");
    CHECK(refused());
    const auto stranger = make_certificate({"", true});
    come_as(make_certificate({}, &stranger));
    CHECK(refused());
    come_as(make_certificate({}, &authority));
    CHECK(ask() == "hello");
}

TEST_CASE_METHOD(Fixture, "VerifyClientCertIfGiven lets in who shows none, not who shows a stranger's") {
    serve("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n");
    CHECK(ask() == "hello");
    const auto stranger = make_certificate({"", true});
    come_as(make_certificate({}, &stranger));
    CHECK(refused());
    come_as(make_certificate({}, &authority));
    CHECK(ask() == "hello");
}

TEST_CASE_METHOD(Fixture, "RequireAnyClientCert and RequestClientCert take any certificate") {
    const auto stranger = make_certificate({"", true});
    SECTION("required") {
        serve("  client_auth_type: RequireAnyClientCert\n");
        CHECK(refused());
    }
    SECTION("requested") {
        serve("  client_auth_type: RequestClientCert\n");
        CHECK(ask() == "hello");
    }
    come_as(make_certificate({}, &stranger));
    CHECK(ask() == "hello");
}

TEST_CASE_METHOD(Fixture, "NoClientCert is the default and asks for nothing") {
    serve("  client_auth_type: NoClientCert\n");
    CHECK(ask() == "hello");
}

TEST_CASE_METHOD(Fixture, "a client must have one of the allowed names") {
    serve(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
        "  client_allowed_sans: [scraper.home, 10.0.0.7, 'spiffe://home/scraper', me@home]\n");
    for (const auto* names :
         {"DNS:other,DNS:scraper.home", "IP:10.0.0.7", "URI:spiffe://home/scraper", "email:me@home"}) {
        come_as(make_certificate({names}, &authority));
        CHECK(ask() == "hello");
    }
    for (const auto* names : {"DNS:other", "DNS:x.scraper.home", "IP:10.0.0.8"}) {
        come_as(make_certificate({names}, &authority));
        CHECK(refused());
    }
}

TEST_CASE_METHOD(Fixture, "versions out of bounds are refused") {
    serve("  min_version: TLS13\n");
    CHECK(ask() == "hello");
    client.max_version = TlsVersion::tls12;
    CHECK(refused());
}

TEST_CASE_METHOD(Fixture, "garbage and plain HTTP on a TLS port harm nobody") {
    serve("");
    std::thread turning([this] { io.run_for(4s); });
    auto plain = Socket::connect(port);
    CHECK(plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    CHECK(plain.read_all().starts_with("HTTP/1.0 400 "));
    auto garbage = Socket::connect(port);
    CHECK(garbage.send(std::string(3000, '\x16')));
    garbage.read_all();
    CHECK(garbage.closed());
    io.stop();
    turning.join();
    CHECK(ask() == "hello");
}
