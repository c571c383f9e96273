#include "common/http/tls.hpp"

#include "certificates.hpp"
#include "tests/catch.hpp"

#include <openssl/ssl.h>

#include <filesystem>

using namespace pifleet::http;
using namespace pifleet::http::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct Fixture {
    TempFolder folder;
    Certificate authority = make_certificate({"", true});
    std::string ca_file = folder.file("ca.pem", authority.pem());
    asio::io_context io;

    TlsServer server(const Wish& wish = {}) const {
        TlsServer out;
        out.own = make_certificate(wish, &authority);
        out.answer = ok;
        return out;
    }

    TlsOptions trusting() const {
        TlsOptions tls;
        tls.ca_file = ca_file;
        return tls;
    }

    // The answer's body, or the error.
    std::string ask(const Peer& peer, const TlsOptions& tls, const std::string& host = "127.0.0.1") {
        ClientOptions options;
        options.tls = tls;
        Client client(io.get_executor(), url(peer, host), options);
        return ask(client);
    }
    std::string ask(Client& client) {
        const auto answer = run(io, client.send(Request{}, in(5s), 100));
        return answer ? answer->body : answer.error().message;
    }
    static Url url(const Peer& peer, const std::string& host = "127.0.0.1") {
        return parse_url("https://" + host + ':' + std::to_string(peer.port()) + "/").value();
    }
};

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server with the right certificate is talked to, over one kept connection", "[http][tls]") {
    Fixture test;
    std::vector<std::string> names;
    std::atomic<int> resumed = 0;
    auto server = test.server();
    server.asked_for = &names;
    server.resumed = &resumed;
    server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x');
    server.max_version = GENERATE(0, TLS1_2_VERSION);
    {
        Peer peer(serving(server));
        ClientOptions options;
        options.tls = test.trusting();
        Client client(test.io.get_executor(), Fixture::url(peer, "localhost"), options);
        Request request;
        request.method = "POST";
        request.body.clear();
        for (int i = 0; i < 3; ++i) {
            const auto answer = run(test.io, client.send(request, in(5s), 100'000));
            REQUIRE(answer.has_value());
            CHECK(answer->body.size() == 50'000);
        }
        CHECK(peer.accepted() == 1);
        client.close();
        CHECK(run(test.io, client.send(request, in(5s), 100'000)).has_value());
    }
    REQUIRE(names.size() == 2);
    CHECK(names.front() == "localhost");
    CHECK(resumed == 1);  // the second connection took up where the first one was
}

TEST_CASE("a large body goes out as fast as the server takes it", "[http][tls]") {
    Fixture test;
    auto server = test.server();
    server.max_version = GENERATE(0, TLS1_2_VERSION);
    std::size_t size = 0;
    // The body ends as a head does, so it is read as one.
    server.respond = [&](const std::string& head, const auto& write) {
        if (head.starts_with("POST")) return true;
        size = head.size();
        return write(ok);
    };
    Peer peer(serving(server));
    ClientOptions options;
    options.tls = test.trusting();
    Client client(test.io.get_executor(), Fixture::url(peer), options);
    Request request;
    request.method = "POST";
    for (const std::size_t length : {std::size_t{4}, std::size_t{16'200}, std::size_t{3'000'000}}) {
        request.body = std::string(length - 4, 'x') + "\r\n\r\n";
        const auto answer = run(test.io, client.send(request, in(20s), 100));
        REQUIRE(answer.has_value());
        CHECK(answer->body == "ok");
        CHECK(size == length);
    }
    CHECK(peer.accepted() == 1);
}

TEST_CASE("a session is taken up by the name it was proved for and no other", "[http][tls]") {
    Fixture test;
    std::atomic<int> resumed = 0;
    auto server = test.server({"DNS:one,DNS:two"});
    server.resumed = &resumed;
    server.max_version = GENERATE(0, TLS1_2_VERSION);
    Peer peer(serving(server));
    ClientOptions options;
    options.tls = test.trusting();
    const auto held = tls_context(options.tls);  // as by another client
    const auto ask = [&](const std::string& name) {
        options.tls.server_name = name;
        Client client(test.io.get_executor(), Fixture::url(peer), options);
        return test.ask(client);
    };
    CHECK(ask("one") == "ok");
    CHECK(ask("two") == "ok");
    CHECK(resumed == 0);
    CHECK(ask("one") == "ok");
    CHECK(ask("two") == "ok");
    CHECK(resumed == 2);
    has(ask("three"), "another name than 'three'");
    CHECK(resumed == 2);
}

TEST_CASE("the certificate must be for whom we talk to", "[http][tls]") {
    Fixture test;
    std::vector<std::string> names;
    auto server = test.server({"DNS:pi.lan"});
    server.asked_for = &names;
    {
        Peer peer(serving(server));
        has(test.ask(peer, test.trusting()), "by TLS: the certificate is for another name than '127.0.0.1'");
        has(test.ask(peer, test.trusting(), "localhost"),
            "the certificate is for another name than 'localhost'");
        auto named = test.trusting();
        named.server_name = "pi.lan";
        CHECK(test.ask(peer, named) == "ok");
        named.server_name = "PI.lan";
        CHECK(test.ask(peer, named) == "ok");
    }
    CHECK(names.back() == "PI.lan");
    Peer by_address(serving(test.server({"IP:127.0.0.1"})));
    CHECK(test.ask(by_address, test.trusting()) == "ok");
    has(test.ask(by_address, test.trusting(), "localhost"), "another name");
    Peer text_address(serving(test.server({"DNS:127.0.0.1"})));  // an address as a name proves nothing
    has(test.ask(text_address, test.trusting()), "another name");
    Peer wildcard(serving(test.server({"DNS:*.house.lan"})));
    auto named = test.trusting();
    named.server_name = "pi.house.lan";
    CHECK(test.ask(wildcard, named) == "ok");
    named.server_name = "a.pi.house.lan";
    has(test.ask(wildcard, named), "another name");
}

TEST_CASE("certificates that cannot be trusted are refused with the reason", "[http][tls]") {
    Fixture test;
    const auto error = [&](const TlsServer& server, const TlsOptions& tls) {
        Peer peer(serving(server));
        return test.ask(peer, tls);
    };
    has(error(test.server(), {}), "signed by an unknown authority");
    has(error(test.server({"IP:127.0.0.1", false, -7200, -60}), test.trusting()),
        "the certificate has expired");
    has(error(test.server({"IP:127.0.0.1", false, 600, 7200}), test.trusting()), "not valid yet");
    auto self_signed = test.server();
    self_signed.own = make_certificate({});
    has(error(self_signed, test.trusting()), "self-signed");
    TlsOptions careless;
    careless.insecure_skip_verify = true;
    CHECK(error(self_signed, careless) == "ok");
    auto trusting_itself = test.trusting();
    trusting_itself.ca_file = test.folder.file("self.pem", self_signed.own.pem());
    CHECK(error(self_signed, trusting_itself) == "ok");
}

TEST_CASE("an intermediate authority may be what is trusted", "[http][tls]") {
    Fixture test;
    const auto middle = make_certificate({"", true}, &test.authority);
    auto server = test.server();
    server.own = make_certificate({}, &middle);
    Peer peer(serving(server));
    auto tls = test.trusting();
    tls.ca_file = test.folder.file("middle.pem", middle.pem());
    CHECK(test.ask(peer, tls) == "ok");
    has(test.ask(peer, test.trusting()), "unknown authority");
}

TEST_CASE("a client certificate is shown to whom wants it", "[http][tls]") {
    Fixture test;
    auto server = test.server();
    server.clients = &test.authority;
    server.max_version = GENERATE(0, TLS1_2_VERSION);
    Peer peer(serving(server));
    const auto own = make_certificate({"DNS:me"}, &test.authority);
    auto tls = test.trusting();
    has(test.ask(peer, tls), "client certificate");
    tls.cert_file = test.folder.file("me.pem", own.pem());
    tls.key_file = test.folder.file("me.key", own.key_pem());
    CHECK(test.ask(peer, tls) == "ok");
    const auto strange = make_certificate({"DNS:me"});
    tls.cert_file = test.folder.file("strange.pem", strange.pem());
    tls.key_file = test.folder.file("strange.key", strange.key_pem());
    has(test.ask(peer, tls), "the server refused the client certificate");
}

TEST_CASE("what is no TLS, or an old one, is refused", "[http][tls]") {
    Fixture test;
    Peer plain([](Socket& socket) {
        socket.read_until("\x03");  // of the ClientHello
        socket.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    has(test.ask(plain, test.trusting()), "the server does not speak TLS on this port");
    auto old = test.server();
    old.max_version = TLS1_1_VERSION;
    Peer old_peer(serving(old));
    has(test.ask(old_peer, test.trusting()), "the server speaks no TLS 1.2 or newer");
    Peer closing([](Socket& socket) { socket.read_until("\x03"); });
    has(test.ask(closing, test.trusting()), "by TLS: the connection was closed");

    Peer silent([](Socket& socket) { socket.read_all(); });
    ClientOptions options;
    options.tls = test.trusting();
    options.connect = 200ms;
    Client client(test.io.get_executor(), Fixture::url(silent), options);
    has(test.ask(client), "by TLS: no answer within 0.2s");
}

TEST_CASE("an answer that ends without close_notify may have been cut by anybody", "[http][tls]") {
    Fixture test;
    auto server = test.server();
    server.answer = "HTTP/1.1 200 OK\r\n\r\nall?";
    Peer peer(serving(server));
    CHECK(test.ask(peer, test.trusting()) == "the answer was cut short after 4 bytes");
}

TEST_CASE("a kept TLS connection that the server closed is opened anew", "[http][tls]") {
    Fixture test;
    auto server = test.server();
    int connections = 0;
    const auto script = serving(server);
    Peer peer([&](Socket& socket) {
        // Lets the first connection answer once by cutting it off from below.
        if (++connections == 1) {
            std::thread cutter([&] {
                std::this_thread::sleep_for(300ms);
                ::shutdown(socket.descriptor(), SHUT_RDWR);
            });
            script(socket);
            cutter.join();
        } else {
            script(socket);
        }
    });
    ClientOptions options;
    options.tls = test.trusting();
    Client client(test.io.get_executor(), Fixture::url(peer), options);
    CHECK(test.ask(client) == "ok");
    std::this_thread::sleep_for(400ms);
    CHECK(test.ask(client) == "ok");
    CHECK(peer.accepted() == 2);
}

TEST_CASE("files are read at the first request, again when they change, and contexts are shared",
          "[http][tls]") {
    Fixture test;
    Peer peer(serving(test.server()));
    auto tls = test.trusting();
    tls.ca_file += ".later";
    ClientOptions options;
    options.tls = tls;
    Client client(test.io.get_executor(), Fixture::url(peer), options);
    CHECK(test.ask(client) == "ca_file: cannot open " + tls.ca_file + ": No such file or directory");
    test.folder.file("ca.pem.later", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    has(test.ask(client), "ca_file: cannot use " + tls.ca_file);
    test.folder.file("ca.pem.later", make_certificate({"", true}).pem());
    has(test.ask(client), "unknown authority");
    test.folder.file("ca.pem.later", test.authority.pem() + test.authority.pem());
    CHECK(test.ask(client) == "ok");

    const auto first = tls_context(tls).value();
    CHECK(tls_context(tls).value() == first);
    auto other_name = tls;
    other_name.server_name = "pi";
    CHECK(tls_context(other_name).value() == first);
    auto careless = tls;
    careless.insecure_skip_verify = true;
    CHECK(tls_context(careless).value() != first);
    std::filesystem::last_write_time(tls.ca_file, std::filesystem::file_time_type::clock::now() + 1min);
    CHECK(tls_context(tls).value() != first);
}

TEST_CASE("faults of the client's own files are named", "[http][tls]") {
    Fixture test;
    const auto error = [](const TlsOptions& tls) {
        const auto context = tls_context(tls);
        return context ? "" : context.error().message;
    };
    const auto one = make_certificate({});
    const auto two = make_certificate({});
    TlsOptions tls;
    tls.cert_file = test.folder.file("one.pem", one.pem());
    CHECK(error(tls) == "cert_file and key_file need each other");
    tls.key = "none";
    has(error(tls), "key: cannot use what it holds: ");
    tls.key.clear();
    tls.key_file = test.folder.file("two.key", two.key_pem());
    has(error(tls), "key_file: cannot use " + tls.key_file + ": key values mismatch");
    tls.key_file = test.folder.file("no.key", "none");
    has(error(tls), "key_file: cannot use " + tls.key_file);
    // A key that wants a passphrase must not ask for it on the terminal.
    tls.key_file = test.folder.file(
        "locked.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8=\n-----END ENCRYPTED PRIVATE KEY-----\n");
    has(error(tls), "key_file: cannot use " + tls.key_file);
    tls.key_file = test.folder.file("one.key", one.key_pem());
    CHECK(error(tls) == "");
}

TEST_CASE("certificates may stand in the configuration itself", "[http][tls]") {
    Fixture test;
    auto server = test.server();
    server.clients = &test.authority;
    Peer peer(serving(server));
    const auto own = make_certificate({"DNS:me"}, &test.authority);
    TlsOptions tls;
    tls.ca = test.authority.pem();
    tls.cert = own.pem();
    tls.key = own.key_pem();
    CHECK(test.ask(peer, tls) == "ok");
    const auto context = tls_context(tls).value();
    CHECK(tls_context(tls).value() == context);
    tls.ca = make_certificate({"", true}).pem();
    has(test.ask(peer, tls), "unknown authority");
}

TEST_CASE("versions of TLS may be set", "[http][tls]") {
    Fixture test;
    auto old = test.server();
    old.max_version = TLS1_2_VERSION;
    Peer peer(serving(old));
    auto tls = test.trusting();
    tls.max_version = TlsVersion::tls12;
    CHECK(test.ask(peer, tls) == "ok");
    tls.max_version = TlsVersion::preset;
    tls.min_version = TlsVersion::tls13;
    has(test.ask(peer, tls), "min_version");
    tls.min_version = TlsVersion::tls10;  // and what is newer
    CHECK(test.ask(peer, tls) == "ok");
}
