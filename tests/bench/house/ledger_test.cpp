#include "tests/bench/house/ledger.hpp"

#include "remote_write.pb.h"
#include "tests/catch.hpp"

#include <initializer_list>
#include <limits>
#include <string>

using namespace pifleet;
using bench::Ledger;

namespace {

remote_write::TimeSeries series(const std::string& name, std::initializer_list<std::int64_t> scrapes) {
    remote_write::TimeSeries made;
    auto& label = *made.add_labels();
    label.set_name("__name__");
    label.set_value(name);
    for (const auto scrape : scrapes) {
        auto& sample = *made.add_samples();
        sample.set_value(static_cast<double>(3 * bench::scrapes_at_most + scrape));
        sample.set_timestamp(scrape * 5000);
    }
    return made;
}

}  // namespace

TEST_CASE("a ledger finds nothing wrong with what came once and in order") {
    Ledger ledger;
    ledger.take(series("a", {1, 2}));
    ledger.take(series("b", {1, 2, 3}));
    ledger.take(series("a", {3}));
    const auto counts = ledger.counts();
    CHECK(counts.series == 2);
    CHECK(counts.lost + counts.repeated + counts.disordered == 0);
}

TEST_CASE("a ledger counts what never came, from the first scrape on, per series") {
    Ledger ledger;
    ledger.take(series("a", {2, 5}));
    ledger.take(series("b", {1, 3}));
    CHECK(ledger.counts().lost == 3 + 1);
}

TEST_CASE("a ledger tells what came again from what came late") {
    Ledger ledger;
    ledger.take(series("a", {1, 2, 4}));
    ledger.take(series("a", {2, 3}));
    const auto counts = ledger.counts();
    CHECK(counts.repeated == 1);
    CHECK(counts.disordered == 1);
    CHECK(counts.lost == 0);
}

TEST_CASE("a ledger takes a time that stands still for disorder") {
    Ledger ledger;
    ledger.take(series("a", {1}));
    auto next = series("a", {2});
    next.mutable_samples(0)->set_timestamp(5000);
    ledger.take(next);
    CHECK(ledger.counts().disordered == 1);
}

TEST_CASE("a ledger passes over what senders add") {
    Ledger ledger;
    ledger.take(series("up", {7}));
    ledger.take(series("scrape_duration_seconds", {7}));
    auto stale = series("a", {1, 9});
    stale.mutable_samples(1)->set_value(std::numeric_limits<double>::quiet_NaN());
    ledger.take(stale);
    const auto counts = ledger.counts();
    CHECK(counts.series == 1);
    CHECK(counts.lost == 0);
}
