// The clock guard with a machine whose clocks are turned by hand.
#include "forwarder/guard/clock_guard.hpp"

#include "common/http/date.hpp"
#include "forwarder/guard/clock_watch.hpp"
#include "forwarder/guard/held_records.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <functional>
#include <vector>

using namespace pifleet;
using namespace pifleet::forwarder;
using Trust = ClockGuard::Trust;

namespace {

constexpr std::int64_t second = 1000, minute = 60 * second, hour = 60 * minute;
constexpr std::int64_t built = 1'790'000'000'000, right = built + 100 * 24 * hour;

struct Machine {
    ClockReading clock{right, 5 * minute, false, false};
    ClockGuard guard{{true, 10 * minute, built}};
    std::vector<std::int64_t> stamps = {};

    void pass(std::int64_t ms) {
        clock.wall_ms += ms;
        clock.mono_ms += ms;
    }
    void check() { guard.check(clock); }
    std::int64_t stamp() {
        stamps.push_back(guard.stamp(clock));
        return stamps.back();
    }
    void every_second(int times) {
        for (int i = 0; i < times; ++i) {
            pass(second);
            stamp();
        }
    }
    // All stamps with their times, and whether they go up.
    std::vector<std::int64_t> times() const {
        std::vector<std::int64_t> out;
        for (const auto stamp : stamps) out.push_back(guard.resolve(stamp));
        return out;
    }
    bool in_order() const {
        const auto all = times();
        return std::adjacent_find(all.begin(), all.end(), std::greater_equal<>()) == all.end();
    }
};

}  // namespace

TEST_CASE("a clock that the kernel or a battery vouches for is trusted at once") {
    for (const bool synchronised : {true, false}) {
        Machine pi;
        (synchronised ? pi.clock.synchronised : pi.clock.kept) = true;
        pi.check();
        CHECK(pi.guard.trust() == (synchronised ? Trust::synchronised : Trust::kept));
        CHECK(pi.stamp() == right);
    }
}

TEST_CASE("no battery, 1970, and NTP 40 seconds after the start: nothing is lost and every time is right") {
    Machine pi;
    pi.clock.wall_ms = 0;
    for (int i = 0; i < 40; ++i) {
        pi.check();
        CHECK_FALSE(pi.guard.trusted());
        CHECK(ClockGuard::is_mark(pi.stamp()));
        pi.pass(second);
    }
    pi.clock.wall_ms = right;
    pi.clock.synchronised = true;
    pi.check();
    REQUIRE(pi.guard.trusted());
    pi.stamp();
    const auto times = pi.times();
    for (std::size_t i = 0; i < times.size(); ++i)
        CHECK(times[i] == right - (40 - static_cast<std::int64_t>(i)) * second);
}

TEST_CASE("nothing vouches for 1970, neither a battery nor the kernel nor patience") {
    Machine pi;
    pi.clock = {0, minute, true, true};
    for (int i = 0; i < 30; ++i) {
        pi.check();
        CHECK_FALSE(pi.guard.trusted());
        pi.pass(minute);
    }
    pi.guard.compare(0, pi.clock);
    CHECK_FALSE(pi.guard.trusted());
}

TEST_CASE(
    "a kernel that never says synchronised: the clock is taken after the longest hold if it may be right") {
    Machine pi;
    pi.check();
    pi.pass(10 * minute - 1);
    pi.check();
    CHECK_FALSE(pi.guard.trusted());
    pi.pass(1);
    pi.check();
    CHECK(pi.guard.trust() == Trust::taken);

    Machine early;
    early.clock.wall_ms = built - hour;
    early.check();
    early.pass(20 * minute);
    early.check();
    CHECK_FALSE(early.guard.trusted());
    CHECK(early.guard.reason().find("earlier") != std::string::npos);
    early.pass(hour);  // it has become later than the build
    early.check();
    CHECK(early.guard.trusted());
}

TEST_CASE("another host's Date agrees or does not") {
    Machine pi;
    pi.check();
    pi.guard.compare(pi.clock.wall_ms + hour, pi.clock);
    CHECK_FALSE(pi.guard.trusted());
    CHECK(pi.guard.reason().find("differs from it by -3600 s") != std::string::npos);
    pi.guard.compare(pi.clock.wall_ms - 20 * second, pi.clock);
    CHECK(pi.guard.trust() == Trust::date);
    CHECK(pi.stamp() == right);
}

TEST_CASE("the owner may do without") {
    Machine pi;
    pi.clock.wall_ms = 12;
    pi.guard.set_options({false, 0, built});
    pi.check();
    CHECK(pi.guard.trust() == Trust::unchecked);
    CHECK(pi.stamp() == 12);
    pi.guard.set_options({true, minute, built});
    pi.check();
    CHECK_FALSE(pi.guard.trusted());
}

TEST_CASE("a step back neither repeats nor reorders, and the wall clock is caught up with") {
    for (const auto step : {1500 * std::int64_t{1}, 30 * second, hour}) {
        Machine pi;
        pi.clock.synchronised = true;
        pi.check();
        pi.every_second(10);
        const auto last = pi.stamps.back();
        pi.clock.wall_ms -= step;
        pi.every_second(1);
        CHECK(pi.stamps.back() == last + 900);
        CHECK(pi.guard.step() == (step > 2 * second ? -step : 0));
        pi.every_second(1);
        CHECK(pi.guard.step() == 0);  // told once
        pi.every_second(static_cast<int>(10 * step / second) + 2);
        CHECK(pi.stamps.back() == pi.clock.wall_ms);
        CHECK(pi.in_order());
    }
}

TEST_CASE("many targets together do not keep the clock from catching up") {
    Machine pi;
    pi.clock.synchronised = true;
    pi.check();
    pi.stamp();
    pi.clock.wall_ms -= 10 * second;
    for (int i = 0; i < 101'000; ++i) {
        pi.pass(1);
        pi.guard.stamp(pi.clock);
    }
    CHECK(pi.stamp() == pi.clock.wall_ms);
}

TEST_CASE("a clock that was years ahead is not followed for years") {
    Machine pi;
    pi.clock.kept = true;
    pi.clock.wall_ms = right + 3650 * 24 * hour;
    pi.check();
    pi.every_second(3);
    pi.clock.wall_ms = right;
    CHECK(pi.stamp() == right);
}

TEST_CASE("a step forwards is taken when the kernel vouches for it, and held otherwise") {
    Machine pi;
    pi.clock.synchronised = true;
    pi.check();
    pi.every_second(3);
    pi.clock.wall_ms += hour;
    pi.every_second(1);
    CHECK(pi.stamps.back() == pi.clock.wall_ms);
    CHECK(pi.guard.step() == hour);

    pi.clock.synchronised = false;
    pi.clock.wall_ms += hour;
    pi.pass(second);
    CHECK(ClockGuard::is_mark(pi.stamp()));
    CHECK_FALSE(pi.guard.trusted());
    pi.every_second(5);
    pi.clock.wall_ms -= hour;  // it was a mistake
    pi.clock.synchronised = true;
    pi.check();
    pi.every_second(5);
    CHECK(pi.in_order());
    CHECK(pi.stamps.back() == pi.clock.wall_ms);
}

TEST_CASE("NTP that slews is followed step by step") {
    Machine pi;
    pi.clock.synchronised = true;
    pi.check();
    for (int i = 0; i < 1000; ++i) {
        pi.pass(second);
        pi.clock.wall_ms += i % 200 < 100 ? 1 : -1;
        CHECK(pi.stamp() == pi.clock.wall_ms);
        CHECK(pi.guard.step() == 0);
    }
    CHECK(pi.in_order());
}

TEST_CASE("time asleep is time: both clocks count it") {
    Machine laptop;
    laptop.clock.kept = true;
    laptop.check();
    laptop.every_second(2);
    laptop.pass(8 * hour);
    CHECK(laptop.stamp() == laptop.clock.wall_ms);
    CHECK(laptop.guard.step() == 0);
}

TEST_CASE("held records get their times; a page's own timestamps stay; the oldest go when there is no room") {
    Machine pi;
    pi.check();
    HeldRecords held(3 * (sizeof(Record) + sizeof(Reading) + sizeof(Sample)));
    for (int i = 0; i < 5; ++i) {
        held.add({pi.stamp(), {{1, 0}}, {{2, 77, 1}}});
        pi.pass(second);
    }
    CHECK(held.size() == 3);
    CHECK(held.samples() == 6);
    CHECK(held.dropped() == 4);
    pi.clock.synchronised = true;
    pi.check();
    std::vector<std::int64_t> times;
    held.release(pi.guard, [&](const Record& record) {
        for (const auto& sample : record.samples()) times.push_back(sample.time_ms);
    });
    CHECK(times ==
          std::vector<std::int64_t>{right + 2 * second, 77, right + 3 * second, 77, right + 4 * second, 77});
    CHECK(held.samples() == 0);
}

TEST_CASE("this machine's clocks can be read, and only another host's Date counts") {
    const auto first = read_clocks("/sys", true), second_reading = read_clocks("/sys", false);
    CHECK(first.wall_ms > 0);
    CHECK(second_reading.mono_ms >= first.mono_ms);
    for (const std::string_view own :
         {"http://localhost/", "http://127.0.0.1:9/", "http://[::1]:80/", "http://x.localhost/"})
        CHECK_FALSE(may_be_another_host(http::parse_url(own).value()));
    for (const std::string_view other : {"https://metrics.example.com/w", "http://192.168.1.2:8428/"})
        CHECK(may_be_another_host(http::parse_url(other).value()));
}

TEST_CASE("an HTTP date is read whole or not at all") {
    const auto date = http::parse_date("Sun, 06 Nov 1994 08:49:37 GMT");
    REQUIRE(date);
    CHECK(std::chrono::system_clock::to_time_t(*date) == 784111777);
    for (const auto wrong : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT!", "tomorrow"})
        CHECK_FALSE(http::parse_date(wrong));
}
