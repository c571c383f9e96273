#include "common/kubernetes/watcher.hpp"

#include "api_server.hpp"
#include "tests/catch.hpp"

#include <cstdio>
#include <fstream>
#include <optional>
#include <thread>

using namespace pifleet::kubernetes;
using namespace pifleet::kubernetes::test;
using namespace std::chrono_literals;
using State = WatcherStatus::State;

namespace {

WatcherOptions pods() {
    WatcherOptions out;
    out.path = "/api/v1/pods";
    return out;
}

struct Fixture {
    explicit Fixture(Access access, WatcherOptions options = pods())
        : cluster(io.get_executor(), std::move(access)) {
        watcher.emplace(io.get_executor(), cluster, std::move(options), model);
        watcher->start();
    }
    const WatcherStatus& status() const { return watcher->status(); }
    template <class Done>
    bool until(Done done, std::chrono::milliseconds most = 8s) {
        return run_until(io, done, most);
    }
    // That something does not happen cannot be waited for; this is long enough for the loop to do what is
    // due.
    void go_on() {
        run_until(
            io, [] { return false; }, 50ms);
    }

    boost::asio::io_context io;
    Cluster cluster;
    Model model;
    std::optional<Watcher> watcher;
};

bool refuses_watch_list(const std::string& head, const Write& write) {
    if (head.find("sendInitialEvents") == std::string::npos) return false;
    write(answer(status_json(422, "Invalid"), "422 Unprocessable Entity"));
    return true;
}

// The connection stays open and nothing comes, until the client goes.
bool hold(const Write& write) {
    for (int i = 0; i < 500 && write(chunk("\n")); ++i) std::this_thread::sleep_for(10ms);
    return false;
}

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a list is read in pages and kept up to date", "[kubernetes][watcher]") {
    ApiServer server([](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(list_of({pod("a", 1), pod("b", 2)}, "10", "next")));
        if (n == 2) return write(answer(list_of({pod("c", 3)}, "10")));
        if (n == 3)
            return write(watch_head + event("ADDED", pod("d", 11)) + event("DELETED", pod("a", 12)) +
                         event("BOOKMARK", R"({"metadata":{"resourceVersion":"20"}})") + chunk("")) != false;
        write(watch_head);
        return hold(write);
    });
    Fixture test(access_to(server.port()));
    REQUIRE(
        test.until([&] { return server.targets().size() == 5 && test.status().state == State::watching; }));
    const auto targets = server.targets();
    has(targets[0], "sendInitialEvents=true");
    CHECK(targets[1] == "/api/v1/pods?limit=100");
    has(targets[2], "continue=next");
    has(targets[3], "watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=");
    has(targets[4], "resourceVersion=20&");
    CHECK(server.accepted() == 1);
    CHECK(test.model.names() == "b c d");
    CHECK(test.model.ended == 1);
    CHECK(test.model.texts.find("MARKER") == std::string::npos);
    CHECK(test.status().listed);
    CHECK(test.status().events == 2);
    CHECK(test.status().watches == 2);
    CHECK(test.status().error.empty());
    has(server.heads()[1], "\r\nAccept: application/json\r\n");
    has(server.heads()[1], "\r\nAccept-Encoding: identity\r\n");
}

TEST_CASE("a list by watching goes on as a watch", "[kubernetes][watcher]") {
    ApiServer server([](int n, const std::string&, const Write& write) {
        write(watch_head);
        if (n == 0) {
            write(event("ADDED", pod("a", 5)));
            return false;  // cut before it is whole
        }
        write(
            event("ADDED", pod("b", 3)) + event("ADDED", pod("a", 2)) +
            event(
                "BOOKMARK",
                R"({"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}})") +
            event("MODIFIED", pod("c", 10)));
        return hold(write);
    });
    Fixture test(access_to(server.port()));
    REQUIRE(test.until([&] { return test.status().events == 1; }));
    CHECK(test.model.names() == "a b c");
    CHECK(test.model.begun == 2);
    CHECK(test.model.ended == 1);
    CHECK(test.status().list_errors == 1);
    CHECK(server.targets().size() == 2);
}

TEST_CASE("an expired version leads to a new list, which takes away what is no more",
          "[kubernetes][watcher]") {
    ApiServer server([](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(list_of({pod("a", 1), pod("b", 2)})));
        if (n == 2) return write(watch_head + event("ERROR", status_json(410, "Expired")) + chunk(""));
        if (n == 3) return write(answer(list_of({pod("b", 2)}, "30")));
        write(watch_head);
        return hold(write);
    });
    Fixture test(access_to(server.port()));
    REQUIRE(test.until([&] { return test.status().lists == 2 && test.status().state == State::watching; }));
    CHECK(test.model.names() == "b");
    CHECK(test.status().expired == 1);
    has(server.targets().back(), "resourceVersion=30&");
}

TEST_CASE("a watch that goes silent is cut and goes on from its version", "[kubernetes][watcher]") {
    ApiServer server([](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(list_of({})));
        write(watch_head + event("ADDED", pod("p" + std::to_string(n), 10 + n)));
        return hold(write);  // bytes that are no events
    });
    auto options = pods();
    options.silence = 300ms;
    Fixture test(access_to(server.port()), options);
    REQUIRE(test.until([&] { return server.targets().size() >= 5; }));
    has(server.targets()[3], "resourceVersion=12&");
    has(server.targets()[4], "resourceVersion=13&");
    CHECK(test.status().watch_errors >= 2);
    CHECK(test.status().lists == 1);
}

TEST_CASE("what is not allowed or not there is asked for now and then", "[kubernetes][watcher]") {
    std::atomic<bool> allowed = false;
    ApiServer server([&](int, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (!allowed)
            return write(answer(status_json(403, "Forbidden", "pods is forbidden"), "403 Forbidden"));
        if (head.find("watch=true") == std::string::npos) return write(answer(list_of({pod("a", 1)})));
        write(watch_head);
        return hold(write);
    });
    auto options = pods();
    options.missing = 100ms;
    Fixture test(access_to(server.port()), options);
    REQUIRE(test.until([&] { return test.status().list_errors >= 2; }));
    CHECK(test.status().state == State::forbidden);
    has(test.status().error, "the API server answers 403 Forbidden: pods is forbidden");
    allowed = true;
    REQUIRE(test.until([&] { return test.status().listed && test.status().state == State::watching; }));
    CHECK(test.model.names() == "a");
}

TEST_CASE("answers that are none of the API's are told with their beginning", "[kubernetes][watcher]") {
    std::string said, expected;
    SECTION("HTML, all is well") {
        said =
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>login\n\n</html>";
        expected = "text/html, not JSON; is this the API server's address? It begins: <html>login";
    }
    SECTION("HTML without end") {
        said = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n<html>" +
               std::string(100'000, 'x');
        expected = "not JSON";
    }
    SECTION("HTML, an error") {
        said = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
        expected = "the API server answers 502: <html>";
    }
    SECTION("JSON of another kind") {
        said = answer(R"({"kind":"APIVersions","versions":["v1"]})");
        expected = "no list but of kind 'APIVersions'";
    }
    SECTION("not even JSON") {
        said = answer("\x01\x02 garbage");
        expected = "what came begins: \xEF\xBF\xBD\xEF\xBF\xBD garbage";
    }
    SECTION("cut short") {
        said =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"items\":[";
        expected = "cut short after 10 bytes";
    }
    SECTION("no HTTP") {
        said = "SSH-2.0-OpenSSH_9.2\r\n";
        expected = "bad version";
    }
    ApiServer server([&](int, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        write(said);
        return false;
    });
    Fixture test(access_to(server.port()));
    REQUIRE(test.until([&] { return test.status().list_errors >= 1; }));
    has(test.status().error, expected);
    CHECK(test.status().state == State::waiting);
    CHECK_FALSE(test.status().listed);
}

TEST_CASE("an object over the limit is left out, and no longer believed", "[kubernetes][watcher]") {
    const auto huge =
        R"({"metadata":{"name":"a","resourceVersion":"12"},"data":")" + std::string(5000, 'x') + "\"}";
    ApiServer server([&](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(list_of({pod("a", 1), huge, pod("b", 2)})));
        write(watch_head + event("ADDED", pod("c", 11)) + event("MODIFIED", huge));
        if (n == 2) return false;
        return hold(write);
    });
    auto options = pods();
    options.most_object_bytes = 1000;
    Fixture test(access_to(server.port()), options);
    REQUIRE(test.until([&] { return server.targets().size() >= 4; }));
    CHECK(test.status().skipped >= 2);
    CHECK(test.model.names() == "b c");
    has(server.targets()[3], "resourceVersion=12&");
}

TEST_CASE("a server that hangs up is asked again soon", "[kubernetes][watcher]") {
    std::atomic<bool> back = false;
    ApiServer server([&](int, const std::string& head, const Write& write) {
        if (!back) return false;
        if (refuses_watch_list(head, write)) return true;
        if (head.find("watch=true") == std::string::npos) return write(answer(list_of({pod("a", 1)})));
        write(watch_head);
        return hold(write);
    });
    Fixture test(access_to(server.port()));
    REQUIRE(test.until([&] { return test.status().list_errors >= 4; }));
    CHECK(test.status().state == State::waiting);
    back = true;
    REQUIRE(test.until([&] { return test.status().listed; }, 5s));
}

TEST_CASE("once stopped nothing reaches the sink, and nothing is left to do", "[kubernetes][watcher]") {
    ApiServer server([&](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(list_of({pod("a", 1), pod("b", 1), pod("c", 1)})));
        write(watch_head);
        for (int i = 0; i < 300 && write(event("ADDED", pod("p" + std::to_string(i), i))); ++i)
            std::this_thread::sleep_for(2ms);
        return false;
    });
    Fixture test(access_to(server.port()));
    SECTION("in a watch") {
        REQUIRE(test.until([&] { return test.status().events > 3; }));
        test.watcher->stop();
    }
    SECTION("by the sink itself") {
        test.model.on_object = [&] { test.watcher->stop(); };
        REQUIRE(test.until([&] { return !test.model.objects.empty(); }));
        CHECK(test.model.objects.size() == 1);
    }
    SECTION("by its end") {
        REQUIRE(test.until([&] { return test.status().events > 3; }));
        test.watcher.reset();
    }
    const auto texts = test.model.texts;
    CHECK(test.until([&] { return test.io.stopped(); }));
    CHECK(test.model.texts == texts);
    CHECK(test.model.ended <= 1);
}

TEST_CASE("the rows of a table are objects", "[kubernetes][watcher]") {
    const auto row = [](const std::string& name, int version) {
        return R"({"cells":[")" + name +
               R"(","Opaque",1,"5m"],"object":{"kind":"PartialObjectMetadata","metadata":{"name":")" + name +
               R"(","resourceVersion":")" + std::to_string(version) + R"(","managedFields":["MARKER"]}}})";
    };
    const auto table = [](const std::string& r) {
        return R"({"kind":"Table","metadata":{"resourceVersion":"11"},"columnDefinitions":null,"rows":[)" +
               r + "]}";
    };
    ApiServer server([&](int n, const std::string& head, const Write& write) {
        if (refuses_watch_list(head, write)) return true;
        if (n == 1) return write(answer(table(row("a", 1) + ',' + row("b", 2))));
        if (n == 2)
            return write(watch_head + event("DELETED", table(row("a", 12))) +
                         event("ADDED", table(row("c", 13))) + event("BOOKMARK", table(row("", 17))) +
                         chunk(""));
        write(watch_head + event("ERROR", status_json(500, "InternalError", "etcd")));
        return hold(write);
    });
    auto options = pods();
    options.as_table = true;
    Fixture test(access_to(server.port()), options);
    REQUIRE(test.until([&] { return test.status().watch_errors == 1; }));
    CHECK(test.model.names() == "b c");
    has(test.model.objects["c"], R"({"cells":["c","Opaque",1,"5m"],"object":{)");
    CHECK(test.model.texts.find("MARKER") == std::string::npos);
    has(server.targets()[3], "resourceVersion=17&");
    has(server.heads()[1], "\r\nAccept: application/json;as=Table;v=v1;g=meta.k8s.io\r\n");
    has(test.status().error, "500 InternalError: etcd");
}

TEST_CASE("over TLS, with our certificate and a token that is read anew", "[kubernetes][watcher][tls]") {
    TempFolder folder;
    const auto authority = pifleet::http::test::make_certificate({"", true});
    const auto ours = pifleet::http::test::make_certificate({"DNS:exporter"}, &authority);
    TlsServer tls;
    tls.own = pifleet::http::test::make_certificate({}, &authority);
    tls.clients = &authority;
    std::atomic<int> resumed = 0;
    tls.resumed = &resumed;
    ApiServer server(tls, [](int n, const std::string& head, const Write& write) {
        if (head.find("\r\nAuthorization: Bearer new\r\n") == std::string::npos)
            return write(answer(status_json(401, "Unauthorized", "Unauthorized"), "401 Unauthorized"));
        if (refuses_watch_list(head, write)) return true;
        if (head.find("watch=true") == std::string::npos) {
            write(answer(list_of({pod("a", 1)})));
            return n % 2 == 0;  // now and then it closes
        }
        write(watch_head + event("ADDED", pod("b", 20)));
        return false;
    });
    auto access = access_to(server.port(), true);
    access.tls.ca = authority.pem();
    access.tls.cert = ours.pem();
    access.tls.key = ours.key_pem();
    access.token_file = folder.file("token", "old\n");
    Fixture test(access);
    REQUIRE(test.until([&] { return test.status().list_errors >= 2; }));
    CHECK(test.status().state == State::waiting);
    has(test.status().error, "401 Unauthorized: Unauthorized; our credentials come from the test");
    folder.file("token", "new\n");
    REQUIRE(test.until([&] { return test.status().events >= 3; }));
    CHECK(test.model.names() == "a b");
    CHECK(resumed > 0);

    access.tls.ca = pifleet::http::test::make_certificate({"", true}).pem();
    Fixture stranger(access);
    REQUIRE(stranger.until([&] { return stranger.status().list_errors >= 1; }));
    has(stranger.status().error, "unknown authority; what to trust comes from the test");
}
