#include "forwarder/series/metadata.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;
using metrics::Type;

TEST_CASE("the last page's word about a family counts") {
    MetadataTable table;
    table.note_help("a", "One.");
    table.note_type("a", Type::counter);
    table.note_help("a", "Two.");
    table.note_type("a", Type::gauge);
    table.note_unit("a", "bytes");
    REQUIRE(table.find("a") != nullptr);
    CHECK(table.find("a")->help == "Two.");
    CHECK(table.find("a")->type == Type::gauge);
    CHECK(table.find("a")->unit == "bytes");
    CHECK(table.size() == 1);
    CHECK(table.find("b") == nullptr);
}

TEST_CASE("a line that says what is known leaves the text where it is") {
    MetadataTable table;
    const std::string help = "A help with an escape \\\\ that is long enough to be allocated.";
    table.note_help("a", help);
    const auto* before = table.find("a")->help.data();
    table.note_help("a", help);
    CHECK(table.find("a")->help.data() == before);
    CHECK(table.find("a")->help == "A help with an escape \\ that is long enough to be allocated.");
}

TEST_CASE("helps are unescaped, made valid and cut between characters") {
    MetadataTable table;
    table.note_help("a", R"(line\nback\\slash \"quoted\" lone\)");
    CHECK(table.find("a")->help == "line\nback\\slash \"quoted\" lone\\");
    table.note_help("a", "bad \xff\xc3 end");
    CHECK(table.find("a")->help == "bad \xef\xbf\xbd\xef\xbf\xbd end");
    table.note_help("a", std::string(MetadataTable::most_help - 1, 'x') + "\xc3\xa9");
    CHECK(table.find("a")->help == std::string(MetadataTable::most_help - 1, 'x'));
}

TEST_CASE("names that cannot be sent are left out") {
    MetadataTable table;
    table.note_type(std::string(MetadataTable::most_name + 1, 'a'), Type::gauge);
    table.note_type("bad\xff", Type::gauge);
    table.note_type("", Type::gauge);
    CHECK(table.size() == 0);
}

TEST_CASE("a series' own family goes before one that its suffix leads to") {
    MetadataTable table;
    table.note_type("h", Type::histogram);
    table.note_type("h_count", Type::gauge);
    CHECK(table.of_series("h_count")->type == Type::gauge);
    CHECK(table.of_series("h_sum")->type == Type::histogram);
    CHECK(table.of_series("h_total") == nullptr);
    CHECK(table.of_series("_sum") == nullptr);
}

TEST_CASE("the table keeps its bound, and what pages still mention") {
    constexpr std::size_t cap = 100'000;
    MetadataTable table(cap);
    for (int round = 0; round < 200; ++round) {
        table.note_help("alive", "Mentioned by every page.");
        table.note_type("alive", Type::counter);
        for (int i = 0; i < 20; ++i) {
            const auto name = "family_" + std::to_string(round * 20 + i);
            table.note_help(name, std::string(200, 'h'));
            table.note_unit(name, "u");
            REQUIRE(table.bytes() <= cap);
            REQUIRE(table.find(name) != nullptr);
            REQUIRE(table.find(name)->help.size() == 200);
        }
        REQUIRE(table.find("alive") != nullptr);
        CHECK(table.find("alive")->type == Type::counter);
    }
    CHECK(table.size() > 100);
    CHECK(table.find("family_0") == nullptr);
    for (std::size_t n = 0; n < table.size(); ++n) CHECK(table.find(table.at(n).name) == &table.at(n));
}
