#include "forwarder/guard/held_file.hpp"

#include "tests/catch.hpp"
#include "tests/unit/forwarder/memory_folder.hpp"

#include <array>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

SeriesId named(SeriesTable& series, std::string_view name) {
    return series.acquire(std::array{metrics::Label{"__name__", name}});
}

struct Saved {
    MemoryFolder folder;
    Saved() {
        SeriesTable series;
        const auto a = named(series, "a"), b = named(series, "b");
        std::vector<Record> records(2);
        records[0] = {ClockGuard::to_mark(1000), {{11, a}, {12, b}}, {{99, 77, a}}};
        records[1] = {ClockGuard::to_mark(3500), {{21, b}, {22, a}}, {}};
        REQUIRE(save_held(folder, series, "this-boot", records));
    }
};

}  // namespace

TEST_CASE("what waits for the clock is the same after a stop and a start, power cut or not") {
    for (const bool cut : {false, true}) {
        Saved before;
        if (cut) before.folder.cut_power(MemoryFolder::Cut::dropped);
        SeriesTable series;
        named(series, "other");  // so that the numbers are others
        auto kept = take_held(before.folder, series, "this-boot");
        CHECK(kept.other_boots == 0);
        REQUIRE(kept.records.size() == 2);
        const auto a = named(series, "a"), b = named(series, "b");
        CHECK(kept.records[0].samples() ==
              std::vector<Sample>{{11, ClockGuard::to_mark(1000), a}, {12, ClockGuard::to_mark(1000), b}});
        CHECK(kept.records[1].samples() ==
              std::vector<Sample>{{21, ClockGuard::to_mark(3500), b}, {22, ClockGuard::to_mark(3500), a}});
        CHECK(kept.uses.size() == 4);
        CHECK(before.folder.files.empty());
    }
}

TEST_CASE("marks of another boot mean nothing: dropped and counted") {
    Saved before;
    SeriesTable series;
    const auto kept = take_held(before.folder, series, "next-boot");
    CHECK(kept.records.empty());
    CHECK(kept.other_boots == 4);
    CHECK(before.folder.files.empty());
    series.sweep(1);
    CHECK(series.size() == 0);
}

TEST_CASE("a broken file is nothing, and no boot id trusts no file") {
    Saved before;
    before.folder.files.begin()->second->live.resize(30);
    SeriesTable series;
    CHECK(take_held(before.folder, series, "this-boot").records.empty());
    Saved again;
    CHECK(take_held(again.folder, series, "").other_boots == 4);
    CHECK_FALSE(boot_id().empty());
}
