// Timestamps, quantities and label names as the API's own rules have them.
#include "exporters/k8s_state/resources/common.hpp"
#include "exporters/k8s_state/resources/ip_family.hpp"
#include "exporters/k8s_state/resources/label_names.hpp"
#include "tests/catch.hpp"

#include <boost/json/value.hpp>

#include <string>

using namespace pifleet::k8s;

namespace {

std::optional<double> amount(std::string_view text) {
    const boost::json::value value(boost::json::string_view(text.data(), text.size()));
    return quantity(Json(value));
}

std::optional<double> whole(std::string_view text) {
    const boost::json::value value(boost::json::string_view(text.data(), text.size()));
    return whole_quantity(Json(value));
}

std::optional<double> milli(std::string_view text) {
    const boost::json::value value(boost::json::string_view(text.data(), text.size()));
    return milli_quantity(Json(value));
}

}  // namespace

TEST_CASE("k8s quantities: suffixes of ten, of two, and exponents") {
    struct Row {
        std::string_view text;
        double value;
    };
    for (const auto& row : {Row{"0", 0},
                            Row{"1", 1},
                            Row{"+1", 1},
                            Row{"-1.5", -1.5},
                            Row{".5", 0.5},
                            Row{"5.", 5},
                            Row{"007", 7},
                            Row{"1n", 1e-9},
                            Row{"1u", 1e-6},
                            Row{"100m", 0.1},
                            Row{"3800m", 3.8},
                            Row{"1k", 1e3},
                            Row{"1M", 1e6},
                            Row{"1G", 1e9},
                            Row{"1T", 1e12},
                            Row{"1P", 1e15},
                            Row{"1E", 1e18},
                            Row{"1Ki", 1024},
                            Row{"1Mi", 1048576},
                            Row{"1.5Gi", 1610612736},
                            Row{"1Ti", 1099511627776},
                            Row{"1Pi", 1125899906842624},
                            Row{"1Ei", 1152921504606846976},
                            Row{"0.1Mi", 104857.6},
                            Row{"1e3", 1000},
                            Row{"1E3", 1000},
                            Row{"1e+3", 1000},
                            Row{"15e-1", 1.5},
                            Row{"-1e3", -1000},
                            Row{"0e999999999999999999999", 0}}) {
        INFO(row.text);
        CHECK(amount(row.text) == row.value);
    }
}

TEST_CASE("k8s quantities: what is none") {
    for (const auto* text : {"",    " ",    ".",    "-",    "+",     "1 ",  " 1",    "1K",    "1ki", "1mi",
                             "1KI", "1Kii", "1 Mi", "1..2", "1.2.3", "1e",  "1e1.5", "1e3Mi", "1e-", "e3",
                             "m",   "Mi",   "0x10", "1_0",  "inf",   "nan", "--1",   "+-1",   "1,5", "1f"}) {
        INFO(text);
        CHECK_FALSE(amount(text));
    }
    CHECK_FALSE(quantity(Json()));
    CHECK_FALSE(quantity(Json(boost::json::value(true))));
    CHECK_FALSE(quantity(Json(boost::json::value(boost::json::array{}))));
}

TEST_CASE("k8s quantities: bare numbers count as well") {
    CHECK(quantity(Json(boost::json::value(3))) == 3);
    CHECK(quantity(Json(boost::json::value(-0.25))) == -0.25);
    CHECK(whole_quantity(Json(boost::json::value(2.1))) == 3);
    CHECK(quantity(Json(boost::json::value(1e300))) == 9223372036854775807.0);
}

TEST_CASE("k8s quantities: rounded away from zero, at a billionth or where it is asked for") {
    CHECK(amount("0.1n") == 1e-9);
    CHECK(amount("-1e-30") == -1e-9);
    CHECK(amount("1e-1000000") == 1e-9);
    CHECK(amount("1.0000000001") == 1.000000001);
    CHECK(amount("0.9999999999") == 1);
    CHECK(whole("100m") == 1);
    CHECK(whole("-100m") == -1);
    CHECK(whole("1.000000001") == 2);
    CHECK(whole("2.0") == 2);
    CHECK(whole("0") == 0);
    CHECK(milli("100u") == 0.001);
    CHECK(milli("1.0001") == 1.001);
    CHECK(milli("-1.0001") == -1.001);
    CHECK(milli("250m") == 0.25);
    CHECK(milli("8Gi") == 8589934592.0);
}

TEST_CASE("k8s quantities: capped where 64 bits end") {
    constexpr double most = 9223372036854775807.0;
    for (const auto* text :
         {"9223372036854775807", "9223372036854775808", "8Ei", "16Ei", "100E", "1e400", "1e99999"})
        CHECK(amount(text) == most);
    CHECK(amount("-1e400") == -most);
    CHECK(milli("16Ei") == most);
    CHECK(whole(std::string(100000, '9')) == most);
    CHECK(amount(std::string(100000, '0') + "1") == 1);
    CHECK(amount("1." + std::string(100000, '0')) == 1);
    // Exact to the byte where a double is not: 2^53 + 1 rounds as one number, not piece by piece.
    CHECK(whole("9007199254740993") == 9007199254740992.0);
}

TEST_CASE("k8s timestamps") {
    CHECK(unix_seconds("1970-01-01T00:00:00Z") == 0);
    CHECK(unix_seconds("2026-11-22T12:21:46Z") == 1795350106);
    CHECK(unix_seconds("2026-11-22T12:21:46.999999Z") == 1795350106);
    CHECK(unix_seconds("2026-11-22T13:21:46+01:00") == 1795350106);
    CHECK(unix_seconds("2026-11-22T06:51:46-05:30") == 1795350106);
    CHECK(unix_seconds("2024-02-29T00:00:00Z") == 1709164800);
    CHECK(unix_seconds("1969-12-31T23:59:59Z") == -1);
    for (const auto* text : {"",
                             "2026-11-22",
                             "2026-11-22T12:21:46",
                             "2026-11-22 12:21:46Z",
                             "2026-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-11-22T24:00:00Z",
                             "2026-11-22T12:60:00Z",
                             "2026-11-22T12:21:46Zx",
                             "2026-11-22T12:21:46+1",
                             "26-11-22T12:21:46Z",
                             "2026-11-22T12:21:46+25:00",
                             "x026-11-22T12:21:46Z"}) {
        INFO(text);
        CHECK_FALSE(unix_seconds(text));
    }
}

TEST_CASE("k8s labels: keys become names that a page may carry") {
    CHECK(label_name("label", "app.kubernetes.io/partOf") == "label_app_kubernetes_io_part_of");
    CHECK(label_name("label", "\xc3\xbc") == "label___");
    CHECK(label_name("label", "") == "label_");
}

TEST_CASE("k8s labels: names that become the same are told apart, whatever the others are called") {
    std::vector<std::string> names{"a", "b", "a", "c", "a"};
    tell_apart(names);
    CHECK(names == std::vector<std::string>{"a_conflict1", "b", "a_conflict2", "c", "a_conflict3"});
    // A key that looks like the outcome of a conflict.
    std::vector<std::string> clash{"a", "a", "a_conflict1", "a_conflict2"};
    tell_apart(clash);
    CHECK(clash == std::vector<std::string>{"a_conflict3", "a_conflict4", "a_conflict1", "a_conflict2"});
}

TEST_CASE("k8s addresses: their family") {
    CHECK(ip_family("1.2.3.4") == "4");
    CHECK(ip_family("::1") == "6");
    CHECK(ip_family("::ffff:1.2.3.4") == "4");
    for (const auto* text : {"",
                             ":",
                             "1.2.3",
                             "1.2.3.4.5",
                             "1.2.3.",
                             "a.b.c.d",
                             "1.2.3.999999999999",
                             "::g",
                             "1:2:3:4:5:6:7:8:9",
                             "[::1]",
                             "::1/64"})
        CHECK(ip_family(text).empty());
    CHECK(ip_family(std::string("::1\0", 4)).empty());
    CHECK(ip_family(std::string(100000, ':')).empty());
}
