#include "forwarder/backends/sql_batch.hpp"

#include "forwarder/backends/postgres/arrays.hpp"
#include "forwarder/backends/series_number.hpp"
#include "forwarder/backends/sql_verdict.hpp"
#include "tests/catch.hpp"

#include <array>
#include <bit>
#include <string>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::int64_t id_of(std::vector<metrics::Label> labels) {
    return series_number(labels);
}
std::string json_of(std::vector<metrics::Label> labels) {
    return sql_labels(labels);
}

Verdict::Kind kind_of(std::string_view state) {
    return verdict_of_sqlstate(state, "why").kind;
}

}  // namespace

TEST_CASE("a series' number depends on its labels alone, for ever") {
    CHECK(id_of({{"__name__", "up"}, {"instance", "pi:9100"}, {"job", "node"}}) == 3135408372357030152);
    CHECK(id_of({{"__name__", "up"}, {"a", "bc"}}) != id_of({{"__name__", "up"}, {"ab", "c"}}));
}

TEST_CASE("labels are JSON that PostgreSQL takes") {
    CHECK(json_of({{"__name__", "up"}}) == "{}");
    CHECK(json_of({{"__name__", "up"}, {"a", "1"}, {"b", "x\"\\\n\x1f\x7f"}}) ==
          "{\"a\":\"1\",\"b\":\"x\\\"\\\\\\u000a\\u001f\x7f\"}");
    CHECK(json_of({{"a", std::string_view("x\0y", 3)}}) == "{\"a\":\"x\xef\xbf\xbdy\"}");
    CHECK(json_of({{"a", "\xff\xc3"}}) == "{\"a\":\"\xef\xbf\xbd\xef\xbf\xbd\"}");
    CHECK(json_of({{"a", "K\xc3\xb6ln"}}) == "{\"a\":\"K\xc3\xb6ln\"}");
}

TEST_CASE("a batch for a database reads back with all its bits") {
    SeriesTable table;
    const WriteRelabeling rules({}, {});
    const OwnedLabels external{{"site", "home"}};
    const MetadataTable metadata;
    const auto a = table.acquire(std::array{metrics::Label{"__name__", "a"}});
    const auto b = table.acquire(std::array{metrics::Label{"__name__", "b"}, metrics::Label{"x", "1"}});
    const Sample samples[] = {{metrics::stale_marker_bits, 1'000, a},
                              {std::bit_cast<std::uint64_t>(2.5), 2'000, b},
                              {0x7ff0000000000000, 3'000, a}};
    const SqlBatch batch(sql_batch(samples, SentSeries(table, rules, external, metadata)));
    const auto view = batch.view();
    REQUIRE(view.series_count == 2);
    CHECK(std::string(view.series[0].name) == "a");
    CHECK(std::string(view.series[0].labels) == R"({"site":"home"})");
    CHECK(std::string(view.series[1].labels) == R"({"site":"home","x":"1"})");
    CHECK(view.series[0].id == id_of({{"__name__", "a"}, {"site", "home"}}));
    REQUIRE(view.samples == 3);
    CHECK(view.series_ids[1] == view.series[0].id);
    CHECK(view.series_ids[2] == view.series[1].id);
    CHECK(std::vector(view.times_ms, view.times_ms + 3) == std::vector<std::int64_t>{1'000, 3'000, 2'000});
    CHECK(view.value_bits[0] == metrics::stale_marker_bits);
    CHECK(view.value_bits[1] == 0x7ff0000000000000);
}

TEST_CASE("arrays stand as PostgreSQL reads them") {
    using postgres::BinaryArray;
    BinaryArray numbers(BinaryArray::Type::int8, 1);
    numbers.add(std::uint64_t{0x0102030405060708});
    CHECK(numbers.take() ==
          std::string("\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\1\0\0\0\x8\1\2\3\4\5\6\7\x8", 32));
    BinaryArray texts(BinaryArray::Type::text, 2);
    texts.add(std::string_view("a"));
    texts.add(std::string_view(""));
    CHECK(texts.take() == std::string("\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\1"
                                      "a\0\0\0\0",
                                      29));
    CHECK(postgres::timestamp_of(946'684'800'001) == 1'000);
    CHECK(std::bit_cast<std::int64_t>(postgres::timestamp_of(0)) == -946'684'800'000'000);
}

TEST_CASE("an SQLSTATE says whether it is the way, the key or the samples") {
    using Kind = Verdict::Kind;
    for (const auto state :
         {"", "08006", "57P01", "57P03", "53300", "53100", "40P01", "40001", "42P01", "25006", "XX000"})
        CHECK(kind_of(state) == Kind::retry);
    for (const auto state : {"28P01", "28000", "3D000", "42501", "42703"})
        CHECK(kind_of(state) == Kind::denied);
    for (const auto state : {"22008", "22P02", "23514", "54000"}) CHECK(kind_of(state) == Kind::refused);
    CHECK(verdict_of_sqlstate("53100", "no space").reason == "no space; the server's disk is full (53100)");
    CHECK(verdict_of_sqlstate("57P01", "bye").answered);
    CHECK_FALSE(verdict_of_sqlstate("", "no route").answered);
    CHECK(verdict_of_sqlstate("3D000", "no such database").reason.find("CREATE DATABASE") !=
          std::string::npos);
}
