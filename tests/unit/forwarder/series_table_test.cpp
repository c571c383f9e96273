#include "forwarder/series/series_table.hpp"

#include "common/base/index_table.hpp"
#include "forwarder/series/series_text.hpp"
#include "tests/catch.hpp"

#include <array>
#include <map>
#include <random>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

SeriesId acquire(SeriesTable& table, std::initializer_list<metrics::Label> labels) {
    return table.acquire({labels.begin(), labels.size()});
}

std::string text(const SeriesTable& table, SeriesId id) {
    std::string out;
    metrics::Label label;
    for (auto reader = table.labels(id); reader.next(label);)
        out += std::string(label.name) + "=" + std::string(label.value) + ";";
    return out;
}

}  // namespace

TEST_CASE("a label set has one number") {
    SeriesTable table;
    const auto a = acquire(table, {{"__name__", "up"}, {"job", "node"}});
    const auto b = acquire(table, {{"__name__", "up"}, {"job", "other"}});
    CHECK(a != b);
    CHECK(acquire(table, {{"__name__", "up"}, {"job", "node"}}) == a);
    CHECK(text(table, a) == "__name__=up;job=node;");
    CHECK(table.size() == 2);
}

TEST_CASE("labels of every length are kept whole") {
    SeriesTable table;
    for (const std::size_t size : {0u, 1u, 127u, 128u, 16383u, 16384u, 100000u}) {
        const std::string value(size, 'x');
        const auto id = acquire(table, {{"__name__", "a"}, {"b", value}});
        CHECK(text(table, id) == "__name__=a;b=" + value + ";");
    }
}

TEST_CASE("a series goes when nobody uses it and the log has passed") {
    SeriesTable table;
    const auto a = acquire(table, {{"__name__", "a"}});
    table.release(a, 10);
    table.sweep(9);
    CHECK(table.size() == 1);
    CHECK(text(table, a) == "__name__=a;");
    table.sweep(10);
    CHECK(table.size() == 0);
    CHECK(acquire(table, {{"__name__", "b"}}) == a);  // the number is given out again
}

TEST_CASE("a series that comes back stays, and its later end counts") {
    SeriesTable table;
    const auto a = acquire(table, {{"__name__", "a"}});
    table.release(a, 10);
    CHECK(acquire(table, {{"__name__", "a"}}) == a);
    table.release(a, 20);
    table.sweep(15);
    CHECK(table.size() == 1);
    table.sweep(20);
    CHECK(table.size() == 0);
}

TEST_CASE("the index agrees with a map under any mix of insertions and erasures") {
    std::mt19937 random(42);
    std::vector<std::string> things(300);
    for (std::size_t i = 0; i < things.size(); ++i) things[i] = "thing" + std::to_string(i);
    IndexTable index;
    std::map<std::string, std::uint32_t> model;
    const auto hash_of = [&](std::uint32_t n) { return hash_bytes(things[n]); };
    for (int step = 0; step < 20000; ++step) {
        const auto n = static_cast<std::uint32_t>(random() % things.size());
        const auto found = index.find(hash_of(n), [&](std::uint32_t m) { return things[m] == things[n]; });
        REQUIRE((found != IndexTable::none) == model.contains(things[n]));
        if (found == IndexTable::none) {
            index.insert(hash_of(n), n, hash_of);
            model[things[n]] = n;
        } else if (random() % 2 == 0) {
            index.erase(hash_of(n), n);
            model.erase(things[n]);
        }
        REQUIRE(index.size() == model.size());
    }
}

TEST_CASE("a series in words, however long its labels are") {
    SeriesTable table;
    const auto plain = table.acquire(std::array{metrics::Label{"__name__", "up"}});
    CHECK(series_text(table.labels(plain)) == "up");
    const auto odd = table.acquire(
        std::array{metrics::Label{"__name__", "a"}, metrics::Label{"b", "x\"\\\n"}, metrics::Label{"c", ""}});
    CHECK(series_text(table.labels(odd)) == R"(a{b="x\"\\\n",c=""})");
    const std::string long_one(100'000, 'x');
    std::vector<metrics::Label> many(100, {"label", long_one});
    CHECK(series_text(table.labels(table.acquire(many))).size() < 2000);
}

TEST_CASE("a series that a reader holds when its page ends stays until the log has passed its last sample") {
    SeriesTable table;
    const auto a = acquire(table, {{"__name__", "a"}});
    table.hold(a);         // a batch under way
    table.release(a, 10);  // the page has it no more; its stale marker is the log's record 9
    table.release(a);      // the batch has been taken
    table.sweep(9);
    CHECK(table.size() == 1);
    table.sweep(10);
    CHECK(table.size() == 0);
}

TEST_CASE("a page's text and the stored form of the same labels are one series") {
    SeriesTable table;
    const LabelPairs target{{"instance", "pi"}, {"job", "node"}};
    const auto added = table.acquire_added(target);
    const std::array<metrics::Label, 5> labels{
        {{"__name__", "a"}, {"instance", "pi"}, {"job", "node"}, {"x", "1"}, {"y", "2"}}};
    const auto page_first = table.acquire(labels, "a{y=\"2\",x=\"1\"}", added);
    CHECK(text(table, page_first) == "__name__=a;instance=pi;job=node;x=1;y=2;");
    std::string stored;
    table.append_stored(stored, page_first);
    CHECK(table.acquire_stored(stored) == page_first);
    CHECK(table.page_text(page_first, added) == "a{y=\"2\",x=\"1\"}");

    SeriesTable other;  // out of the log first, on a page later
    const auto log_first = other.acquire_stored(stored);
    const auto again = other.acquire_added(target);
    CHECK(other.acquire(labels, "a{x=\"1\",y=\"2\"}", again) == log_first);
    CHECK(other.page_text(log_first, again) == "a{x=\"1\",y=\"2\"}");
    CHECK(text(other, log_first) == "__name__=a;instance=pi;job=node;x=1;y=2;");
    other.release(log_first, 1);
    other.release(log_first, 1);
    other.sweep(1);
    CHECK(other.size() == 0);
}

TEST_CASE("only a text that reads as its labels is kept instead of them") {
    const LabelPairs added{{"job", "node"}};
    const auto reads = [&](std::string_view page, std::initializer_list<metrics::Label> labels) {
        return reads_as(page, added, {labels.begin(), labels.size()});
    };
    CHECK(reads("a", {{"__name__", "a"}, {"job", "node"}}));
    CHECK(reads("a{}", {{"__name__", "a"}, {"job", "node"}}));
    CHECK(reads("a{z=\"1\",}", {{"__name__", "a"}, {"job", "node"}, {"z", "1"}}));
    CHECK(reads("A{Z=\"=,{}\"}", {{"Z", "=,{}"}, {"__name__", "A"}, {"job", "node"}}));
    CHECK_FALSE(reads("a{z=\"\\n\"}", {{"__name__", "a"}, {"job", "node"}, {"z", "\n"}}));
    CHECK_FALSE(reads("a{z=\"\\\\\"}", {{"__name__", "a"}, {"job", "node"}, {"z", "\\\\"}}));
    CHECK_FALSE(reads("a {z=\"1\"}", {{"__name__", "a"}, {"job", "node"}, {"z", "1"}}));
    CHECK_FALSE(reads("a{ z = \"1\" }", {{"__name__", "a"}, {"job", "node"}, {"z", "1"}}));
    CHECK_FALSE(reads("{\"a\",z=\"1\"}", {{"__name__", "a"}, {"job", "node"}, {"z", "1"}}));
    CHECK_FALSE(reads("a{z=\"\"}", {{"__name__", "a"}, {"job", "node"}}));
    CHECK_FALSE(reads("a{z=\"1\"}", {{"__name__", "a"}, {"job", "node"}}));
}
