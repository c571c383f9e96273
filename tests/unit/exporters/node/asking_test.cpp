// What asks daemons, without daemons: the waiting, answers of HTTP and XML-RPC, flags.
#include "exporters/node/aside.hpp"
#include "exporters/node/http_post.hpp"
#include "exporters/node/xml_rpc.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace pifleet::node::test {

using namespace std::chrono_literals;

namespace {

std::string body(const std::string& answer) {
    const auto got = body_of_answer(answer);
    return got ? *got : "error: " + got.error().message;
}

std::string answer_of(const std::string& value) {
    return "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n" + value +
           "\n</param>\n</params>\n</methodResponse>\n";
}

bool damaged(const std::string& text) {
    const auto parsed = parse_xml_rpc_answer(text);
    return !parsed && parsed.error().message.find("XML-RPC") != std::string::npos;
}

}  // namespace

TEST_CASE("work aside gives its answer or its error") {
    Aside aside("somebody", 10s);
    CHECK(*aside.ask<int>([] { return Result<int>(7); }) == 7);
    CHECK(aside.ask<int>([] { return Result<int>(failure("no")); }).error().message == "no");
}

TEST_CASE("work that hangs costs one scrape its limit, and is not begun twice") {
    using Clock = std::chrono::steady_clock;
    Aside aside("somebody", 300ms);
    auto gate = std::make_shared<std::promise<void>>();
    const auto opened = gate->get_future().share();
    auto begin = Clock::now();
    const auto late = aside.ask<int>([opened] {
        opened.wait();
        return Result<int>(1);
    });
    CHECK(Clock::now() - begin >= 300ms);
    REQUIRE_FALSE(late);
    CHECK(late.error().message == "somebody has not answered within 300 ms");
    begin = Clock::now();
    auto ran = std::make_shared<std::atomic<bool>>(false);
    const auto again = aside.ask<int>([ran] {
        *ran = true;
        return Result<int>(2);
    });
    CHECK(Clock::now() - begin < 250ms);
    CHECK(again.error().message.find("still not answered") != std::string::npos);
    CHECK_FALSE(*ran);
    gate->set_value();
    // It works again, even before it is trusted again.
    for (int i = 0; i < 500; ++i) {
        const auto answer = aside.ask<int>([] { return Result<int>(3); });
        if (answer) {
            CHECK(*answer == 3);
            return;
        }
        std::this_thread::sleep_for(10ms);
    }
    FAIL("it never worked again");
}

TEST_CASE("what was late is waited for but briefly until it is in time again") {
    using Clock = std::chrono::steady_clock;
    Aside aside("somebody", 1s);
    const auto slow = [] {
        std::this_thread::sleep_for(1500ms);
        return Result<int>(1);
    };
    CHECK_FALSE(aside.ask<int>(slow));
    const auto until_idle = [&aside] {
        while (true) {
            const auto answer = aside.ask<int>([] { return Result<int>(0); });
            if (answer || answer.error().message.find("still") == std::string::npos) return;
            std::this_thread::sleep_for(20ms);
        }
    };
    std::this_thread::sleep_for(700ms);
    const auto begin = Clock::now();
    const auto second = aside.ask<int>(slow);
    CHECK_FALSE(second);
    CHECK(Clock::now() - begin < 900ms);
    until_idle();
    until_idle();
    CHECK(aside.ask<int>([] {
        std::this_thread::sleep_for(300ms);  // more than brief
        return Result<int>(4);
    }));
}

TEST_CASE("an aside may go while its work goes on") {
    auto gate = std::make_shared<std::promise<void>>();
    const auto opened = gate->get_future().share();
    {
        Aside aside("somebody", 20ms);
        CHECK_FALSE(aside.ask<int>([opened] {
            opened.wait();
            return Result<int>(1);
        }));
    }
    gate->set_value();
}

TEST_CASE("answers of HTTP") {
    CHECK(body("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc") == "abc");
    CHECK(body("HTTP/1.1 200 OK\r\n\r\nabc") == "abc");
    CHECK(body("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nabc") == "ab");
    CHECK(body("HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nabc").find("error: the answer was cut") == 0);
    CHECK(body("HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\nabc").find("error") == 0);
    CHECK(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").find("chunked") !=
          std::string::npos);
    CHECK(body("HTTP/1.0 401 Unauthorized\r\n\r\n").find("'HTTP/1.0 401 Unauthorized'") != std::string::npos);
    CHECK(body("HTTP/1.0 200 OK\r\nConte").find("cut") != std::string::npos);
    CHECK(body("").find("error") == 0);
    CHECK(body("SSH-2.0-OpenSSH_9\r\n\r\n").find("not HTTP") != std::string::npos);
}

TEST_CASE("where to post to") {
    auto target = parse_post_target("unix:///run/super%20visor.sock", "/RPC2");
    REQUIRE(target.has_value());
    CHECK(target->socket_file == "/run/super visor.sock");
    CHECK(target->path == "/RPC2");
    target = parse_post_target("http://pi:pa%3Ass@[::1]:9001/RPC2", "/");
    REQUIRE(target.has_value());
    CHECK(target->host == "::1");
    CHECK(target->port == 9001);
    CHECK(target->authorization == "Basic cGk6cGE6c3M=");
    for (const auto* bad :
         {"unix://run/x.sock", "unix://", "https://localhost:9001/RPC2", "localhost:9001", ""}) {
        INFO(bad);
        CHECK_FALSE(parse_post_target(bad, "/").has_value());
        const auto flag = std::string("--collector.supervisord.url=") + bad;
        CHECK(make_error("supervisord", {flag.c_str()}).find("--collector.supervisord.url") !=
              std::string::npos);
    }
}

TEST_CASE("a daemon that is not there is a failure that says where") {
    const Host host;
    auto collected =
        collect("supervisord", host, {"--collector.supervisord.url=unix:///absent/supervisor.sock"});
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().kind == Error::Kind::failure);
    CHECK(collected.result.error().message.find("unix:///absent/supervisor.sock: No such file") == 0);
    collected =
        collect("supervisord", host, {"--collector.supervisord.url=http://u:secret@127.0.0.1:1/RPC2"});
    REQUIRE_FALSE(collected.result);
    CHECK(collected.result.error().message.find("secret") == std::string::npos);
}

TEST_CASE("values of XML-RPC") {
    const auto parsed = parse_xml_rpc_answer(
        answer_of("<value><array><data>\n<value><struct>\n"
                  "<member><name>name</name><value><string>a&lt;b&#233;&#x20ac;</string></value></member>\n"
                  "<member>\n<name>state</name>\n<value><int>20</int></value>\n</member>\n"
                  "<member><name>plain</name><value> text </value></member>"
                  "<member><name>empty</name><value><string/></value></member>"
                  "<member><name>none</name><value/></member>"
                  "<member><name>cdata</name><value><string><![CDATA[<&>]]></string></value></member>"
                  "</struct></value>\n<!-- one more "
                  "-->\n<value><array><data/></array></value></data></array></value>"));
    REQUIRE(parsed.has_value());
    REQUIRE(parsed->kind == XmlRpcValue::Kind::list);
    REQUIRE(parsed->items.size() == 2);
    const auto& process = parsed->items[0];
    CHECK(process.member("name")->text == "a<b\u00e9\u20ac");
    CHECK(process.member("state")->text == "20");
    CHECK(process.member("state")->type == "int");
    CHECK(process.member("plain")->text == " text ");
    CHECK(process.member("empty")->text.empty());
    CHECK(process.member("empty")->type == "string");
    CHECK(process.member("none")->text.empty());
    CHECK(process.member("cdata")->text == "<&>");
    CHECK(process.member("nobody") == nullptr);
    CHECK(parsed->items[1].items.empty());
}

TEST_CASE("a fault of XML-RPC is an error with its text") {
    const auto parsed = parse_xml_rpc_answer(
        "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>6</int></value></"
        "member>"
        "<member><name>faultString</name><value><string>SHUTDOWN_STATE</string></value></member></struct></"
        "value>"
        "</fault></methodResponse>");
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == "the answer is a fault: SHUTDOWN_STATE");
}

TEST_CASE("what is not XML-RPC, or was cut anywhere, is an error") {
    const auto whole = answer_of("<value><array><data><value><int>1</int></value></data></array></value>");
    REQUIRE(parse_xml_rpc_answer(whole).has_value());
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) CHECK(damaged(whole.substr(0, size)));
    CHECK(damaged("<html><body>502</body></html>"));
    CHECK(damaged(answer_of("<value>&nbsp;</value>")));
    CHECK(damaged(answer_of("<value>&#0;</value>")));
    CHECK(damaged(answer_of("<value>&#xd800;</value>")));
    CHECK(damaged(answer_of("<value>&#x110000;</value>")));
    CHECK(damaged(answer_of("<value>a<int>1</int></value>")));
    CHECK(damaged(answer_of("<value><int>1</string></value>")));
    CHECK(damaged(whole + "more"));
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "<value><array><data>";
    CHECK(damaged("<methodResponse><params><param>" + deep));
}

TEST_CASE("units are chosen by their whole name") {
    CHECK(make_error("systemd", {"--collector.systemd.unit-include=("}).find("unit-include") !=
          std::string::npos);
    CHECK(make_error("systemd", {"--collector.systemd.unit-exclude=("}).find("unit-exclude") !=
          std::string::npos);
    CHECK(make_error("systemd", {"--collector.systemd.unit-include=", "--collector.systemd.unit-exclude="})
              .empty());
}

}  // namespace pifleet::node::test
