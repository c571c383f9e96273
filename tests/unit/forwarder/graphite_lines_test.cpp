#include "forwarder/backends/graphite_lines.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <bit>
#include <string>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

struct Scene {
    SeriesTable table;
    WriteRelabeling rules{{}, {}};
    OwnedLabels external;
    MetadataTable metadata;
    std::vector<Sample> batch;

    SentSeries sent() const { return {table, rules, external, metadata}; }
    SeriesId add(std::vector<metrics::Label> labels,
                 double value = 1,
                 std::int64_t time_ms = 1'763'812'800'999) {
        const auto id = table.acquire(labels);
        batch.push_back({std::bit_cast<std::uint64_t>(value), time_ms, id});
        return id;
    }
    std::string lines(std::string_view prefix = {}) const {
        std::string out;
        append_graphite_lines(batch, sent(), prefix, out);
        return out;
    }
};

std::string path(std::vector<metrics::Label> labels) {
    std::string out;
    append_graphite_path(labels, {}, out);
    return out;
}
std::string named(std::string_view name) {
    return path({{"__name__", name}});
}
std::string tagged(std::string_view name, std::string_view value) {
    return path({{"__name__", "a"}, {name, value}});
}

}  // namespace

TEST_CASE("a line of Graphite has the path, its tags, the number and whole seconds") {
    Scene scene;
    scene.external = {{"site", "home"}};
    scene.add({{"__name__", "node_load1"}, {"instance", "pi:9100"}}, 0.25);
    scene.add({{"__name__", "up"}}, 1e300, 1'763'812'801'000);
    CHECK(scene.lines() ==
          "node_load1;instance=pi:9100;site=home 0.25 1763812800\nup;site=home 1e+300 1763812801\n");
    CHECK(scene.lines("KEY.").starts_with("KEY.node_load1;instance=pi:9100"));
}

TEST_CASE("what would end or split a path of Graphite becomes an underscore") {
    CHECK(named("http.server.duration") == "http.server.duration");
    CHECK(named(".a..b.") == "_a._b_");
    CHECK(named("a b;c=d/e") == "a_b_c_d_e");
    CHECK(named("temp \xc3\xa4") == "temp__");
    CHECK(named("") == "_");
    CHECK(path({{"x", "1"}}) == "_;x=1");
    CHECK(tagged("a!b^c=d;e f", "1") == "a;a_b_c_d_e_f=1");
    CHECK(tagged("b", "~x~") == "a;b=_x~");
    CHECK(tagged("b", "#1 SMP;x=y\n\t") == "a;b=#1_SMP_x=y__");
    CHECK(tagged("b",
                 "no\xc2\xa0"
                 "break\xe2\x80\x83") == "a;b=no_break_");
    CHECK(tagged("b", "\xff\xfe") == "a;b=__");
    CHECK(tagged("ort", "K\xc3\xb6ln") == "a;ort=K\xc3\xb6ln");
    CHECK(tagged("b", "") == "a");
}

TEST_CASE("the label `name` is not the path, and a legal name wins over one that was mended") {
    CHECK(tagged("name", "ssh.service") == "a;label_name=ssh.service");
    CHECK(path({{"__name__", "a"}, {"x!y", "1"}, {"x^y", "2"}, {"x_y", "3"}}) == "a;x_y=3");
    CHECK(path({{"__name__", "a"}, {"x!y", "1"}, {"x^y", "2"}}) == "a;x_y=1");
    CHECK(path({{"__name__", "a"}, {"x!y", "1"}, {"x_y", ""}}) == "a;x_y=1");
}

TEST_CASE("a hundred thousand labels to mend take no longer than their number") {
    std::vector<std::string> names;
    for (int i = 0; i < 100'000; ++i) names.push_back("x!" + std::to_string(i));
    std::sort(names.begin(), names.end());
    std::vector<metrics::Label> labels{{"__name__", "a"}};
    for (const auto& name : names) labels.push_back({name, "1"});
    const auto text = path(labels);
    CHECK(std::count(text.begin(), text.end(), ';') == 100'000);
}

TEST_CASE("of series that Graphite cannot tell apart one is sent") {
    Scene scene;
    const auto first = scene.add({{"__name__", "a"}, {"b", "x y"}});
    const auto second = scene.add({{"__name__", "a"}, {"b", "x;y"}});
    CHECK(leave_out_of_graphite(scene.batch, scene.sent())[LeftOut::collision] == 1);
    REQUIRE(scene.batch.size() == 1);
    CHECK(scene.batch[0].series == first);
    scene.batch.push_back({1, 2'000, second});
    const auto legal = scene.add({{"__name__", "a"}, {"b", "x_y"}});
    CHECK(leave_out_of_graphite(scene.batch, scene.sent())[LeftOut::collision] == 2);
    REQUIRE(scene.batch.size() == 1);
    CHECK(scene.batch[0].series == legal);
    CHECK(leave_out_of_graphite(scene.batch, scene.sent())[LeftOut::collision] == 0);
}

TEST_CASE("times that a receiver takes for now, and lines that break a connection, are left out") {
    Scene scene;
    scene.add({{"__name__", "a"}}, 1, 0);
    scene.add({{"__name__", "b"}}, 1, -1000);
    scene.add({{"__name__", "c"}}, 1, 1000);
    const std::string much(8 * 1024, 'x');
    scene.add({{"__name__", "d"}, {"much", much}});
    CHECK(leave_out_of_graphite(scene.batch, scene.sent())[LeftOut::unsupported] == 3);
    CHECK(scene.lines() == "c 1 1\n");
}

TEST_CASE("a prefix is letters, digits and single dots") {
    for (const auto good : {"", "KEY.", "a-b.c_d:e."}) CHECK(legal_graphite_prefix(good));
    for (const auto bad : {".a", "a..", "a b", "a;", "a\n", "\xc3\xa4"})
        CHECK_FALSE(legal_graphite_prefix(bad));
}
