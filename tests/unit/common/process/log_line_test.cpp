#include "common/process/log_line.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using log::Format;

namespace {

std::string logfmt(std::string_view value) {
    std::string out;
    log::append_logfmt(out, "k", value);
    return out;
}

std::string json(std::string_view value) {
    std::string out;
    log::append_json(out, "k", value);
    return out;
}

}  // namespace

TEST_CASE("logfmt quotes only what needs it") {
    CHECK(logfmt("plain") == "k=plain");
    CHECK(logfmt("http://host:9100/metrics") == "k=http://host:9100/metrics");
    CHECK(logfmt("grüße") == "k=grüße");
    CHECK(logfmt("") == "k=\"\"");
    CHECK(logfmt("two words") == "k=\"two words\"");
    CHECK(logfmt("a=b") == "k=\"a=b\"");
    CHECK(logfmt("say \"hi\"") == "k=\"say \\\"hi\\\"\"");
    CHECK(logfmt("c:\\x") == "k=\"c:\\\\x\"");
}

TEST_CASE("nothing in a value begins a new line or reaches a terminal as a command") {
    CHECK(logfmt("a\nlevel=error\r\t") == "k=\"a\\nlevel=error\\r\\t\"");
    CHECK(logfmt("\x1b[31m") == "k=\"\\u001b[31m\"");
    CHECK(logfmt(std::string_view("\0", 1)) == "k=\"\\u0000\"");
    CHECK(logfmt("\x7f") == "k=\"\\u007f\"");
    CHECK(logfmt("\xc2\x9b") == "k=\"\\u009b\"");
    CHECK(json("\x1b\n") == "\"k\":\"\\u001b\\n\"");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
    CHECK(json("a\xff"
               "b") == "\"k\":\"a\ufffdb\"");
    CHECK(json("\xc0\xaf") == "\"k\":\"\ufffd\ufffd\"");            // overlong
    CHECK(json("\xed\xa0\x80") == "\"k\":\"\ufffd\ufffd\ufffd\"");  // a surrogate
    CHECK(json("\xe2\x82") == "\"k\":\"\ufffd\ufffd\"");            // cut
    CHECK(json("\xf4\x90\x80\x80") == "\"k\":\"\ufffd\ufffd\ufffd\ufffd\"");
    CHECK(json("\xf0\x9f\x98\x80") == "\"k\":\"\U0001F600\"");
    CHECK(logfmt("\xff") == "k=\"\ufffd\"");
}

TEST_CASE("a value has a greatest length and is cut between characters") {
    const std::string long_text(log::longest_value + 1, 'x');
    CHECK(logfmt(long_text) == "k=" + std::string(log::longest_value, 'x') + "…");
    CHECK(logfmt(std::string(log::longest_value, 'x')) == "k=" + std::string(log::longest_value, 'x'));
    const std::string kept(log::longest_value - 1, 'x');
    CHECK(logfmt(kept + "ü and more") == "k=" + kept + "…");
}

TEST_CASE("a line's body has the message and the fields in order") {
    const Error error = failure("connection refused");
    CHECK(log::line_body(
              Format::logfmt, "scrape failed", {{"target", "pi:9100"}, {"error", error}, {"tries", 3}}) ==
          "msg=\"scrape failed\" target=pi:9100 error=\"connection refused\" tries=3");
    CHECK(log::line_body(Format::json, "scrape failed", {{"target", "pi:9100"}}) ==
          "\"msg\":\"scrape failed\",\"target\":\"pi:9100\"");
}

TEST_CASE("times are UTC with milliseconds") {
    using namespace std::chrono;
    const system_clock::time_point epoch{};
    CHECK(log::timestamp(epoch) == "1970-01-01T00:00:00.000Z");
    CHECK(log::timestamp(epoch + 1795352400s + 7ms + 999us) == "2026-11-22T13:00:00.007Z");
}
