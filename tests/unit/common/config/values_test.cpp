#include "common/config/values.hpp"

#include "faults.hpp"
#include "tests/catch.hpp"

using namespace pifleet::config;
using namespace std::chrono_literals;
using pifleet::config::testing::decoded;

namespace {

std::string duration_fault(std::string_view text) {
    const auto read = parse_duration(text);
    return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("durations as Prometheus takes them") {
    CHECK(parse_duration("15s").value() == 15s);
    CHECK(parse_duration("1m30s").value() == 90s);
    CHECK(parse_duration("1h0m").value() == 1h);
    CHECK(parse_duration("500ms").value() == 500ms);
    CHECK(parse_duration("0").value() == 0s);
    CHECK(parse_duration("0s").value() == 0s);
    CHECK(parse_duration("1d").value() == 24h);
    CHECK(parse_duration("1y1w1d1h1m1s1ms").value() == 24h * 373 + 1h + 1min + 1s + 1ms);
    CHECK(parse_duration("292y").value() == 24h * 365 * 292);
    for (const char* text : {"",
                             "s",
                             "1",
                             "15",
                             "-1s",
                             "+1s",
                             "1.5s",
                             "10 seconds",
                             "1s1m",
                             "1m1m",
                             "1s ",
                             " 1s",
                             "1S",
                             "1sec",
                             "1h30",
                             "00",
                             "1ms1s",
                             "1m30 s",
                             "1us"})
        CHECK_FALSE(parse_duration(text).has_value());
    CHECK(duration_fault("10 seconds") == "expected a duration such as 15s or 1m30s, not '10 seconds'");
    CHECK(duration_fault("15") == "expected a duration such as 15s or 1m30s, not '15': the unit is missing");
    CHECK(duration_fault("300y") == "expected a duration such as 15s or 1m30s, not '300y': it is too long");
    CHECK(duration_fault("99999999999999999999s").find("too long") != std::string::npos);
    CHECK(duration_fault("292y999w").find("too long") != std::string::npos);
}

TEST_CASE("durations are written as Prometheus writes them") {
    CHECK(duration_text(90s) == "1m30s");
    CHECK(duration_text(0s) == "0s");
    CHECK(duration_text(15s) == "15s");
    CHECK(duration_text(1500ms) == "1s500ms");
    CHECK(duration_text(24h * 14) == "2w");
    CHECK(duration_text(24h * 15) == "15d");
    CHECK(duration_text(25h) == "25h");
    CHECK(duration_text(24h * 365) == "1y");
    CHECK(duration_text(-5s) == "-5s");
    for (const Duration duration :
         {Duration(1ms), Duration(3601s), Duration(24h * 400), Duration(59min + 59s + 999ms)})
        CHECK(parse_duration(duration_text(duration)).value() == duration);
}

TEST_CASE("sizes as Prometheus takes them, and plain numbers") {
    CHECK(parse_bytes("0").value().count == 0);
    CHECK(parse_bytes("1000").value().count == 1000);
    CHECK(parse_bytes("1000B").value().count == 1000);
    CHECK(parse_bytes("512KB").value().count == 512 * 1024);
    CHECK(parse_bytes("512KiB").value().count == 512 * 1024);
    CHECK(parse_bytes("10MB").value().count == 10 * 1024 * 1024);
    CHECK(parse_bytes("1GiB").value().count == 1024 * 1024 * 1024);
    CHECK(parse_bytes("1.5KB").value().count == 1536);
    CHECK(parse_bytes("1GiB512MiB").value().count == 1536ULL * 1024 * 1024);
    CHECK(parse_bytes("7EiB").value().count == 7ULL << 60);
    for (const char* text :
         {"", "B", "KB", "10M", "10kb", "10 MB", "-1KB", "1..5KB", "0x10", "1XB", "MB10", "1e3"})
        CHECK_FALSE(parse_bytes(text).has_value());
    CHECK(parse_bytes("10M").error().message == "expected a size such as 512KB, 10MB or 1GiB, not '10M'");
    CHECK(parse_bytes("8EB").error().message ==
          "expected a size such as 512KB, 10MB or 1GiB, not '8EB': it is too large");
    CHECK_FALSE(parse_bytes("9223372036854775808").has_value());
    CHECK_FALSE(parse_bytes("99999999999999999999999999").has_value());
}

TEST_CASE("texts are any scalars") {
    CHECK(decoded<std::string>("abc").value == "abc");
    CHECK(decoded<std::string>("015").value == "015");
    CHECK(decoded<std::string>("'true'").value == "true");
    CHECK(decoded<std::string>("true").value == "true");
    CHECK(decoded<std::string>("[a]").faults == "f:1:1: expected text, not a list");
    CHECK(decoded<std::string>("{a: b}").faults == "f:1:1: expected text, not a mapping");
    CHECK(decoded<std::string>("~", "preset").value == "preset");
}

TEST_CASE("switches in YAML 1.1's spellings, without quotes") {
    for (const char* text : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "y"})
        CHECK(decoded<bool>(text).value);
    for (const char* text : {"false", "False", "no", "NO", "off", "Off", "n"}) {
        CHECK_FALSE(decoded<bool>(text, true).value);
        CHECK(decoded<bool>(text, true).faults.empty());
    }
    CHECK(decoded<bool>("'true'").faults ==
          "f:1:1: expected true or false without quotes, not the text 'true'");
    CHECK(decoded<bool>("maybe").faults == "f:1:1: expected true or false, not 'maybe'");
    CHECK(decoded<bool>("1").faults == "f:1:1: expected true or false, not '1'");
    CHECK(decoded<bool>("tRUE").faults == "f:1:1: expected true or false, not 'tRUE'");
    CHECK(decoded<bool>("[]").faults == "f:1:1: expected true or false, not a list");
    CHECK(decoded<bool>("", true).value);
}

TEST_CASE("numbers") {
    CHECK(decoded<std::int64_t>("500").value == 500);
    CHECK(decoded<std::int64_t>("-3").value == -3);
    CHECK(decoded<std::int64_t>("9223372036854775807").value == 9223372036854775807);
    for (const char* text : {"1.5", "9223372036854775808", "ten", "5s", "0x10", "1 2"})
        CHECK(decoded<std::int64_t>(text).faults ==
              "f:1:1: expected a whole number such as 500, not '" + std::string(text) + "'");
    CHECK(decoded<std::int64_t>("'5'").faults ==
          "f:1:1: expected a whole number such as 500 without quotes, not the text '5'");
    CHECK(decoded<double>("0.25").value == 0.25);
    CHECK(decoded<double>("1e3").value == 1000);
    CHECK(decoded<double>("nan").faults == "f:1:1: expected a number such as 0.5, not 'nan'");
    CHECK(decoded<double>("inf").faults == "f:1:1: expected a number such as 0.5, not 'inf'");
    CHECK(decoded<double>("{}").faults == "f:1:1: expected a number such as 0.5, not a mapping");
}

TEST_CASE("durations and sizes in a file") {
    CHECK(decoded<Duration>("15s").value == 15s);
    CHECK(decoded<Duration>("'15s'").value == 15s);
    CHECK(decoded<Duration>("10 seconds").faults ==
          "f:1:1: expected a duration such as 15s or 1m30s, not '10 seconds'");
    CHECK(decoded<Duration>("").faults.find("not nothing") != std::string::npos);
    CHECK(decoded<Duration>("[15s]").faults == "f:1:1: expected a duration such as 15s or 1m30s, not a list");
    CHECK(decoded<Bytes>("10MB").value.count == 10 * 1024 * 1024);
    CHECK(decoded<Bytes>("1000").value.count == 1000);
    CHECK(decoded<Bytes>("ten").faults == "f:1:1: expected a size such as 512KB, 10MB or 1GiB, not 'ten'");
    CHECK(decoded<Bytes>("", Bytes{7}).value.count == 7);
}

TEST_CASE("pairs keep the file's order") {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(decoded<Pairs>("z: 1\na: yes\nn:\n").value == Pairs{{"z", "1"}, {"a", "yes"}, {"n", ""}});
    CHECK(decoded<Pairs>("").value.empty());
    CHECK(decoded<Pairs>("[a, b]").faults == "f:1:1: expected a mapping of names to texts, not a list");
    CHECK(decoded<Pairs>("a: [1]\nb: {c: d}\n").faults ==
          "f:1:4: expected text, not a list\nf:2:4: expected text, not a mapping");
}
