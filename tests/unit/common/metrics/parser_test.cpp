#include "common/metrics/parser.hpp"

#include "tests/catch.hpp"

#include <bit>
#include <cmath>
#include <limits>

using namespace pifleet;
using namespace pifleet::metrics;

namespace {

struct Seen : PageHandler {
    std::vector<std::string> events;
    std::vector<std::string> guesses;  // given as expected(), one per sample
    std::size_t samples = 0;

    std::string_view expected() override {
        return samples < guesses.size() ? guesses[samples] : std::string_view{};
    }
    Result<void> on_sample(const SampleLine& s) override {
        ++samples;
        std::string event =
            "S " + std::string(s.series) + " = " + std::to_string(std::bit_cast<double>(s.value_bits));
        if (s.timestamp_ms) event += " @" + std::to_string(*s.timestamp_ms);
        if (!s.exemplar.empty()) event += " #" + std::string(s.exemplar);
        events.push_back(event);
        if (s.series == "refuse") return failure("refused");
        return {};
    }
    void on_type(std::string_view f, Type t) override {
        events.push_back("T " + std::string(f) + " " + std::string(type_name(t)));
    }
    void on_help(std::string_view f, std::string_view t) override {
        events.push_back("H " + std::string(f) + " " + std::string(t));
    }
    void on_unit(std::string_view f, std::string_view t) override {
        events.push_back("U " + std::string(f) + " " + std::string(t));
    }
};

using Events = std::vector<std::string>;

std::string error_of(std::string_view page, Format format = Format::text_0_0_4, bool framed = true) {
    Seen seen;
    PageParser parser(format, seen);
    auto fed = parser.feed(page);
    if (!fed) return fed.error().message;
    auto finished = parser.finish(framed);
    return finished ? "" : finished.error().message;
}

constexpr std::string_view text_page =
    "# HELP a Some help \\\\ here\n"
    "# TYPE a counter\n"
    "a{x=\"1\",y=\"}\\\" \"} 1\n"
    "a 2 1700000000123\n"
    "\n"
    "  # a comment\n"
    "b { z = \"q\" , } -Inf\n"
    "# TYPE c untyped\n"
    "c\t+5e3\n";

}  // namespace

TEST_CASE("a text page is read the same in chunks of every size") {
    for (std::size_t size = 1; size <= text_page.size(); ++size) {
        Seen seen;
        PageParser parser(Format::text_0_0_4, seen);
        for (std::size_t at = 0; at < text_page.size(); at += size)
            REQUIRE(parser.feed(text_page.substr(at, size)));
        REQUIRE(parser.finish());
        REQUIRE(seen.events == Events{"H a Some help \\\\ here",
                                      "T a counter",
                                      "S a{x=\"1\",y=\"}\\\" \"} = 1.000000",
                                      "S a = 2.000000 @1700000000123",
                                      "S b { z = \"q\" , } = -inf",
                                      "T c unknown",
                                      "S c = 5000.000000"});
        REQUIRE(parser.lines() == 9);
    }
}

TEST_CASE("an OpenMetrics page has seconds, exemplars, units and an end") {
    Seen seen;
    PageParser parser(Format::openmetrics_1_0, seen);
    REQUIRE(
        parser.feed("# TYPE h histogram\n# UNIT h seconds\n"
                    "h_bucket{le=\"1\"} 2 1.5 # {trace_id=\"a # b\"} 0.5 1.2\nh_count 2\n# EOF\n"));
    REQUIRE(parser.finish());
    CHECK(seen.events == Events{"T h histogram",
                                "U h seconds",
                                "S h_bucket{le=\"1\"} = 2.000000 @1500 #{trace_id=\"a # b\"} 0.5 1.2",
                                "S h_count = 2.000000"});
}

TEST_CASE("a right guess is taken, a wrong one does no harm") {
    Seen seen;
    seen.guesses = {"a{x=\"1\"}", "b", "cc"};
    PageParser parser(Format::text_0_0_4, seen);
    REQUIRE(parser.feed("a{x=\"1\"} 1\nbb 2\nc 3\n"));
    CHECK(seen.events == Events{"S a{x=\"1\"} = 1.000000", "S bb = 2.000000", "S c = 3.000000"});
}

TEST_CASE("what is wrong is said with its line") {
    CHECK(error_of("a 1\na x\n") == "line 2: 'a' has the value 'x', which is no number");
    CHECK(error_of("a\n") == "line 1: 'a' has no value");
    CHECK(error_of("a 1 2 3\n") == "line 1: 'a' is followed by '3'");
    CHECK(error_of("a 1 1.5\n") == "line 1: 'a' has the timestamp '1.5', which is none");
    CHECK(error_of("a{x=\"1} 1\n") == "line 1: this is no sample: a{x=\"1} 1");
    CHECK(error_of("# TYPE a colour\n") == "line 1: 'a' has a type that does not exist");
    CHECK(error_of("refuse 1\n") == "line 1: refused");
    CHECK(error_of("<!DOCTYPE html>\n") != "");
    CHECK(error_of(std::string(2 << 20, 'a')) == "line 1: longer than 1048576 bytes");
}

TEST_CASE("a page that was cut is noticed") {
    CHECK(error_of("a 1\n# EOF\n", Format::openmetrics_1_0) == "");
    CHECK(error_of("a 1\n# EOF", Format::openmetrics_1_0) == "");
    CHECK(error_of("a 1\n", Format::openmetrics_1_0) != "");
    CHECK(error_of("a 1\n# EOF\nb 1\n", Format::openmetrics_1_0) == "line 3: something follows '# EOF'");
    CHECK(error_of("a 1\nb 12", Format::text_0_0_4, true) == "");
    CHECK(error_of("a 1\nb 12", Format::text_0_0_4, false) == "line 2: the page ends within a line");
}

TEST_CASE("values as Go spells them") {
    const auto value = [](std::string_view text) { return std::bit_cast<double>(parse_value(text).value()); };
    CHECK(value("+1") == 1);
    CHECK(value("-0x1p-2") == -0.25);
    CHECK(value("+Inf") == std::numeric_limits<double>::infinity());
    CHECK(value("-inf") == -std::numeric_limits<double>::infinity());
    CHECK(parse_value("NaN") == 0x7ff8000000000001);
    CHECK(parse_value("nan") == 0x7ff8000000000001);
    for (const auto bad : {"", "+", "-", "+-1", "++1", "1x", "0x", "nan(1)", "-nan", "+NaN", "1 ", "1e999"}) {
        INFO(bad);
        CHECK_FALSE(parse_value(bad));
    }
}

TEST_CASE("a series is taken apart") {
    using Owned = std::vector<OwnedLabel>;
    CHECK(parse_series("a").value() == Owned{{"__name__", "a"}});
    CHECK(parse_series("a:b_c9{}").value() == Owned{{"__name__", "a:b_c9"}});
    CHECK(parse_series("a { x = \"1\\n\\\"\\\\\" , }").value() == Owned{{"__name__", "a"}, {"x", "1\n\"\\"}});
    CHECK(parse_series("{\"my.name\",x=\"1\"}").value() == Owned{{"__name__", "my.name"}, {"x", "1"}});
    CHECK(parse_series("a{x=\"ü\"}").value()[1].value == "ü");
    for (const auto bad : {"",
                           "{}",
                           "9a",
                           "a-b",
                           "a{x}",
                           "a{x=1}",
                           "a{x=\"1\"y=\"2\"}",
                           "a{x=\"1\",x=\"2\"}",
                           "a{=\"1\"}",
                           "a{x=\"\\t\"}",
                           "a{x=\"\xff\"}",
                           "a{__name__=\"b\"}",
                           "a{\"b\"}",
                           "a{x=\"\xed\xa0\x80\"}"}) {
        INFO(bad);
        CHECK_FALSE(parse_series(bad).has_value());
    }
}

TEST_CASE("content types name the format or none") {
    CHECK(format_of("") == Format::text_0_0_4);
    CHECK(format_of("text/plain; version=0.0.4; charset=utf-8") == Format::text_0_0_4);
    CHECK(format_of("application/openmetrics-text; version=1.0.0") == Format::openmetrics_1_0);
    CHECK_FALSE(format_of("text/html"));
    CHECK_FALSE(format_of("application/json"));
}

TEST_CASE("bad input names the line of the page") {
    struct Bad {
        std::string_view page, said;
    };
    const Bad pages[] = {
        {"a 1\nb{x=\"1\\\"} 1\n", "line 2: this is no sample: b{x=\"1\\\"} 1"},
        {"a 1\n\nb NaN(1)\n", "line 3: 'b' has the value 'NaN(1)', which is no number"},
        {"a 1\nb -NaN\n", "line 2: 'b' has the value '-NaN', which is no number"},
        {"a 1\nb 1,5\n", "line 2: 'b' has the value '1,5', which is no number"},
        {"# HELP \"a\n", "line 1: a quoted name has no end: \"a"},
        {"# TYPE\n", "line 1: no metric name behind # TYPE"},
        {"a 1\n\x01\n", "line 2: '?' has no value"},
    };
    for (const auto& bad : pages) {
        INFO(bad.page);
        CHECK(error_of(bad.page) == bad.said);
    }
}

TEST_CASE("what is odd and legal is taken") {
    for (const auto spelling : {"NaN", "nan", "NAN"}) {
        INFO(spelling);
        CHECK(parse_value(spelling) == 0x7ff8000000000001);
    }
    Seen seen;
    PageParser parser(Format::text_0_0_4, seen);
    REQUIRE(parser.feed("a 1\n# TYPE a counter\r\n# HELP a \xff and \\x\n\t b 2 \r\nc 3"));
    REQUIRE(parser.finish(true));
    CHECK(seen.events ==
          Events{"S a = 1.000000", "T a counter", "H a \xff and \\x", "S b = 2.000000", "S c = 3.000000"});
}
