#include "common/process/repeats.hpp"

#include "tests/catch.hpp"

#include <string>

using namespace std::chrono_literals;
using pifleet::log::Repeats;

TEST_CASE("a line is written once a minute and says how often it was left out") {
    Repeats repeats;
    const Repeats::Clock::time_point start{};
    CHECK(repeats.pass("a", start) == 0u);
    CHECK_FALSE(repeats.pass("a", start + 1s));
    CHECK_FALSE(repeats.pass("a", start + 59s));
    CHECK(repeats.pass("b", start + 59s) == 0u);
    CHECK(repeats.pass("a", start + 60s) == 2u);
    CHECK_FALSE(repeats.pass("a", start + 61s));
    CHECK(repeats.pass("a", start + 120s) == 1u);
    CHECK(repeats.pass("a", start + 180s) == 0u);
}

TEST_CASE("the table is bounded: the line written longest ago is forgotten") {
    Repeats repeats;
    Repeats::Clock::time_point now{};
    for (std::size_t i = 0; i < Repeats::most_lines; ++i)
        CHECK(repeats.pass(std::to_string(i), now += 1ms) == 0u);
    CHECK_FALSE(repeats.pass("0", now += 1ms));
    CHECK(repeats.pass("one more", now += 1ms) == 0u);
    CHECK_FALSE(repeats.pass("1", now += 1ms));
    CHECK(repeats.pass("0", now += 1ms) == 0u);  // forgotten, so it counts as new
}
