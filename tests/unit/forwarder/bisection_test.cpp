#include "forwarder/delivery/bisection.hpp"

#include "tests/catch.hpp"

#include <map>
#include <random>
#include <set>

using namespace pifleet::forwarder;

namespace {

std::vector<Sample> batch_of(std::size_t series, std::size_t scrapes, std::int64_t step_ms = 1000) {
    std::vector<Sample> samples;
    for (std::size_t scrape = 0; scrape < scrapes; ++scrape)
        for (std::size_t id = 0; id < series; ++id)
            samples.push_back(
                {samples.size(), static_cast<std::int64_t>(scrape) * step_ms, static_cast<SeriesId>(id)});
    return samples;
}

// A receiver that refuses whatever holds one of the bad series, asked to the end.
struct Receiver {
    std::set<SeriesId> bad;
    std::set<SeriesId> aside = {};
    std::map<SeriesId, std::vector<std::int64_t>> got = {};
    std::vector<std::int64_t> slices = {};  // of what was taken, in this order
    std::size_t requests = 0, samples = 0;

    void take(Bisection& bisection) {
        while (!bisection.done()) {
            ++requests;
            REQUIRE(requests < 10'000);
            const auto part = bisection.next();
            REQUIRE_FALSE(part.empty());
            const bool refuse = std::any_of(
                part.begin(), part.end(), [&](const Sample& s) { return bad.count(s.series) > 0; });
            if (!refuse) {
                for (const auto& sample : part) {
                    got[sample.series].push_back(sample.time_ms);
                    slices.push_back(sample.time_ms / Bisection::slice.count());
                }
                samples += part.size();
                bisection.delivered();
            } else if (bisection.alone()) {
                aside.insert(part.front().series);
                bisection.drop();
            } else {
                bisection.refused();
            }
        }
    }
};

const Bisection::Known none = [](SeriesId) { return false; };

}  // namespace

TEST_CASE("a batch that is taken is one request") {
    auto samples = batch_of(10, 3);
    Bisection bisection;
    bisection.begin(samples, none);
    CHECK(bisection.whole());
    Receiver receiver{{}};
    receiver.take(bisection);
    CHECK(receiver.requests == 1);
    CHECK(receiver.samples == 30);
    samples.clear();
    bisection.begin(samples, none);
    CHECK(bisection.done());
}

TEST_CASE("one bad series is found in two requests a halving, the others arrive once and in order") {
    for (const SeriesId bad : {0u, 1u, 499u, 500u, 998u, 999u}) {
        auto samples = batch_of(1000, 2);
        Bisection bisection;
        bisection.begin(samples, none);
        Receiver receiver{{bad}};
        receiver.take(bisection);
        CHECK(receiver.aside == std::set<SeriesId>{bad});
        CHECK(receiver.samples == 2 * 999);
        CHECK(receiver.requests <= 22);
        for (const auto& [id, times] : receiver.got) CHECK(times == std::vector<std::int64_t>{0, 1000});
    }
}

TEST_CASE("any number of bad series is found, whatever stands between") {
    std::mt19937 random(3);
    for (int round = 0; round < 50; ++round) {
        auto samples = batch_of(1 + random() % 200, 1 + random() % 20, 60'000);
        Receiver receiver;
        std::map<SeriesId, std::vector<std::int64_t>> expected;
        for (const auto& sample : samples) {
            if (random() % 100 == 0) receiver.bad.insert(sample.series);
        }
        for (const auto& sample : samples)
            if (receiver.bad.count(sample.series) == 0) expected[sample.series].push_back(sample.time_ms);
        Bisection bisection;
        bisection.begin(samples, [&](SeriesId id) { return receiver.aside.count(id) > 0; });
        receiver.take(bisection);
        CHECK(receiver.aside == receiver.bad);
        CHECK(receiver.got == expected);
        CHECK(std::is_sorted(receiver.slices.begin(), receiver.slices.end()));
    }
}

TEST_CASE("known series go by themselves, after the others") {
    auto samples = batch_of(10, 2);
    Bisection bisection;
    bisection.begin(samples, [](SeriesId id) { return id == 3 || id == 7; });
    CHECK(bisection.next().size() == 16);
    CHECK_FALSE(bisection.known());
    CHECK_FALSE(bisection.whole());
    bisection.delivered();
    CHECK(bisection.known());
    CHECK(bisection.next().size() == 4);
    bisection.drop();
    CHECK(bisection.done());
}

TEST_CASE("halves that were both refused are one again") {
    auto samples = batch_of(8, 1);
    Bisection bisection;
    bisection.begin(samples, none);
    bisection.refused();
    CHECK(bisection.next().size() == 4);
    bisection.refused();
    CHECK(bisection.next().size() == 4);
    bisection.rejoin();
    CHECK(bisection.whole());
    bisection.delivered();
    CHECK(bisection.done());
}

TEST_CASE("giving up counts what is dropped and keeps what was not asked for") {
    auto samples = batch_of(8, 2, 2 * Bisection::slice.count());
    Bisection bisection;
    bisection.begin(samples, none);
    bisection.refused();  // the two slices together
    CHECK(bisection.next().size() == 8);
    bisection.refused();  // the first
    bisection.refused();  // its first half
    CHECK(bisection.drop_refused() == 8);
    CHECK(bisection.next().front().time_ms == 2 * Bisection::slice.count());
    CHECK(bisection.drop_all() == 8);
    CHECK(bisection.done());
    samples = batch_of(5, 1);
    bisection.begin(samples, none);
    CHECK(bisection.drop_all() == 5);
}

TEST_CASE("what is too large goes in halves, none of which is taken for refused") {
    auto samples = batch_of(8, 1);
    Bisection bisection;
    bisection.begin(samples, none);
    bisection.halve();
    bisection.delivered();
    CHECK(bisection.next().size() == 4);
    bisection.delivered();
    CHECK(bisection.done());
}

TEST_CASE("times from a page may be anything") {
    std::vector<Sample> samples{{0, INT64_MAX, 1}, {0, INT64_MIN, 2}, {0, 0, 3}};
    Bisection bisection;
    bisection.begin(samples, none);
    Receiver receiver{{2}};
    receiver.take(bisection);
    CHECK(receiver.aside == std::set<SeriesId>{2});
    CHECK(receiver.samples == 2);
}
