#include "common/kubernetes/cluster.hpp"

#include "api_server.hpp"
#include "common/base/base64.hpp"
#include "common/base/files.hpp"
#include "common/kubernetes/exec_credential.hpp"
#include "common/kubernetes/run_program.hpp"
#include "tests/catch.hpp"

#include <sys/stat.h>

using namespace pifleet::kubernetes;
using namespace pifleet::kubernetes::test;
using namespace std::chrono_literals;
using pifleet::http::test::run;

namespace {

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

std::string script(const TempFolder& folder, const std::string& content) {
    const auto path = folder.file("plugin", "#!/bin/sh\n" + content);
    ::chmod(path.c_str(), 0755);
    return path;
}

Program program(const std::string& command, std::chrono::milliseconds limit = 20s) {
    Program out;
    out.command = command;
    out.limit = limit;
    return out;
}

std::string credential(const std::string& status) {
    return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false},"status":{)" +
           status + "}}";
}

}  // namespace

TEST_CASE("a program is run without a shell and within limits", "[kubernetes][exec]") {
    TempFolder folder;
    auto echo = program("echo");
    echo.arguments = {"$HOME; `id`", "a  b"};
    CHECK(run_program(echo).value() == "$HOME; `id` a  b\n");

    auto with =
        program(script(folder, "cat; echo \"$A/$PATH\"; ls /proc/self/fd | wc -l; echo complaint >&2"));
    with.environment = {{"A", "1"}, {"PATH", "/usr/bin:/bin"}};
    CHECK(run_program(with).value() == "1//usr/bin:/bin\n4\n");  // ls's three and the folder

    has(run_program(program(script(folder, "echo 'not \n logged in' >&2; exit 3"))).error().message,
        "plugin ended with status 3: not   logged in");
    has(run_program(program(script(folder, "kill -TERM $$"))).error().message, "ended by signal 15");
    const auto missing = run_program(program("no-such-program-here"));
    CHECK(missing.error().kind == pifleet::Error::Kind::absent);
    has(missing.error().message, "cannot run no-such-program-here: No such file");

    auto endless = program("yes");
    endless.most_output = 100'000;
    has(run_program(endless).error().message, "yes wrote more than 100000 bytes");
    // With its children, which hold the pipe.
    const auto began = std::chrono::steady_clock::now();
    has(run_program(program(script(folder, "sleep 60 & sleep 60"), 300ms)).error().message,
        "did not end within 0 s");
    has(run_program(program(script(folder, "exec >&- 2>&-; sleep 60"), 300ms)).error().message,
        "did not end within 0 s");
    CHECK(std::chrono::steady_clock::now() - began < 20s);
}

TEST_CASE("what plugins print", "[kubernetes][exec]") {
    const auto read = [](const std::string& text) {
        return read_exec_credential(text, "client.authentication.k8s.io/v1");
    };
    const auto good =
        read(credential(R"("token":"a\u003db","expirationTimestamp":"2026-11-22T12:21:46.5+01:00")") + "\n");
    REQUIRE(good.has_value());
    CHECK(good->token == "a=b");
    CHECK(good->expires == std::chrono::system_clock::from_time_t(1'795'346'506));
    CHECK(read(credential(R"("clientCertificateData":"-----BEGIN\nx","clientKeyData":"k")"))->cert ==
          "-----BEGIN\nx");
    has(read(credential(R"("clientCertificateData":"c")")).error().message, "only one of");
    has(read(credential("")).error().message, "neither a token nor a certificate");
    has(read(credential(R"("token":"a","expirationTimestamp":"tomorrow")")).error().message, "is no time");
    has(read("{\"kind\":\"Pod\"}").error().message, "no ExecCredential");
    has(read("{\"kind\": [").error().message, "no JSON");
    has(read("").error().message, "no ExecCredential");
    has(read_exec_credential(credential(R"("token":"SECRET")"), "client.authentication.k8s.io/v1beta1")
            .error()
            .message,
        "another apiVersion than client.authentication.k8s.io/v1beta1");

    for (const auto* text :
         {"2026-11-22T12:21:46Z", "2026-11-22t12:21:46.123456789z", "2026-11-22T07:21:46-05:00"})
        CHECK(parse_time(text) == std::chrono::system_clock::from_time_t(1'795'350'106));
    for (const auto* text : {"",
                             "2026-11-22",
                             "2026-13-22T12:21:46Z",
                             "2026-11-22T12:21:46",
                             "2026-11-22T12:21:46Zx",
                             "2026-11-22T12:21:46+0100",
                             "2026-11-22T24:21:46Z"})
        CHECK_FALSE(parse_time(text));

    ExecPlugin plugin;
    plugin.api_version = "client.authentication.k8s.io/v1beta1";
    auto access = access_to(6443, true);
    CHECK(
        exec_info(plugin, access, "ca") ==
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false}})");
    plugin.provide_cluster_info = true;
    access.tls.server_name = "a\"b\n";
    CHECK(
        exec_info(plugin, access, "ca") ==
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":{"interactive":false,)"
        R"("cluster":{"config":null,"server":"https://127.0.0.1:6443","tls-server-name":"a\"b\u000a",)"
        R"("certificate-authority-data":")" +
            pifleet::base64_encode("ca") + R"("}}})");
}

TEST_CASE("a plugin's credentials are used until they expire, however many ask", "[kubernetes][exec]") {
    TempFolder folder;
    const auto count = folder.file("count", "");
    ApiServer server([](int, const std::string& head, const Write& write) {
        const auto at = head.find("Bearer ");
        write(answer("\"" + head.substr(at, head.find('\r', at) - at) + "\""));
        return false;  // the next one waits for its turn
    });
    auto access = access_to(server.port());
    access.exec.emplace();
    access.exec->api_version = "client.authentication.k8s.io/v1";
    const auto plugin = [&](const std::string& expiry) {
        access.exec->command = script(folder,
                                      "echo run >>" + count + "\nn=$(wc -l <" + count + ")\ncat <<E\n" +
                                          credential(R"("token":"run-'$n'")" + expiry) + "\nE\n");
    };
    const auto runs = [&] {
        const auto text = pifleet::read_file(count).value();
        return std::count(text.begin(), text.end(), '\n');
    };
    boost::asio::io_context io;
    SECTION("no end is told") {
        plugin("");
        Cluster cluster(io.get_executor(), access);
        int done = 0;
        for (int i = 0; i < 3; ++i)
            boost::asio::co_spawn(io, cluster.get("/version"), [&](std::exception_ptr, auto got) {
                CHECK(got->body.find("Bearer run-") != std::string::npos);
                ++done;
            });
        REQUIRE(run_until(io, [&] { return done == 3; }));
        CHECK(runs() == 1);
    }
    SECTION("expired already") {
        plugin(R"(,"expirationTimestamp":"2020-01-01T00:00:00Z")");
        Cluster cluster(io.get_executor(), access);
        has(run(io, cluster.get("/version")).error().message, "gives credentials that have expired");
        has(run(io, cluster.get("/version")).error().message, "gives credentials that have expired");
        CHECK(runs() == 1);  // not again at once
    }
    SECTION("it fails") {
        access.exec->command = script(folder, "echo run >>" + count + "; echo 'run aws login' >&2; exit 1");
        Cluster cluster(io.get_executor(), access);
        has(run(io, cluster.get("/version")).error().message,
            "no credentials: " + access.exec->command + " ended with status 1: run aws login");
        has(run(io, cluster.get("/version")).error().message, "run aws login");
        CHECK(runs() == 1);
    }
    SECTION("it is missing") {
        access.exec->command = "no-such-program-here";
        access.exec->install_hint = "apt install it";
        Cluster cluster(io.get_executor(), access);
        has(run(io, cluster.get("/version")).error().message, "No such file or directory; apt install it");
    }
}

TEST_CASE("plain requests", "[kubernetes][cluster]") {
    TempFolder folder;
    ApiServer server([](int n, const std::string& head, const Write& write) {
        if (n == 0) return write(answer(R"({"gitVersion":"v1.36.2"})"));
        if (n == 1) return write(answer(status_json(401, "Unauthorized"), "401 Unauthorized"));
        if (n == 2) return write(answer("{}", "201 Created")) && head.starts_with("GET");
        write("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + std::string(9'000'000, 'x'));
        return false;
    });
    auto access = access_to(server.port());
    access.server.target = "/k8s/clusters/c-1/";
    access.user = "me";
    access.password = "pw";
    access.identity = {{"Impersonate-User", "reader"}};
    boost::asio::io_context io;
    Cluster cluster(io.get_executor(), access);
    const auto version = run(io, cluster.get("/version"));
    REQUIRE(version.has_value());
    CHECK(version->body == R"({"gitVersion":"v1.36.2"})");
    const auto head = server.heads()[0];
    has(head, "GET /k8s/clusters/c-1/version HTTP/1.1\r\n");
    has(head, "\r\nAuthorization: Basic bWU6cHc=\r\n");
    has(head, "\r\nImpersonate-User: reader\r\n");
    // Refused credentials are asked for anew once; basic ones are what they are.
    const auto review = run(io, cluster.get("/apis"));
    REQUIRE(review.has_value());
    CHECK(review->status == 201);
    has(run(io, cluster.get("/big", 5s, 100'000)).error().message, "over the limit of 100000 bytes");
}

TEST_CASE("a review is posted", "[kubernetes][cluster]") {
    std::string body;
    Peer peer([&](Socket& socket) {
        socket.read_until("\r\n\r\n");
        body = socket.read_until("}");
        socket.send(answer(R"({"status":{"authenticated":true}})", "201 Created"));
    });
    boost::asio::io_context io;
    Cluster cluster(io.get_executor(), access_to(peer.port()));
    const auto got = run(io, cluster.post("/apis/authentication.k8s.io/v1/tokenreviews", R"({"spec":1})"));
    REQUIRE(got.has_value());
    CHECK(got->status == 201);
    CHECK(body == R"({"spec":1})");
}
