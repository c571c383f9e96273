#include "forwarder/backends/deltas.hpp"

#include "forwarder/backends/delta_state.hpp"
#include "forwarder/backends/series_part.hpp"
#include "tests/unit/forwarder/encoded.hpp"

#include <unistd.h>

#include <cstdio>

using namespace pifleet;
using namespace pifleet::forwarder;
using namespace pifleet::forwarder::encoded;

namespace {

struct Account {
    Scene scene;
    Deltas deltas;
    LeftOutCounts out{};
    explicit Account(Deltas::Send send = Deltas::Send::increase, std::int64_t resolution = 1)
        : deltas(send, resolution) {}

    // The values of what is left of these samples of the series.
    std::vector<double> take(SeriesId id, std::vector<std::pair<std::int64_t, double>> samples) {
        scene.batch.clear();
        for (const auto& [time, value] : samples) scene.add(id, value, time);
        return take();
    }
    std::vector<double> take() {
        out = deltas.take(scene.batch, scene.table, [](SeriesId) { return true; });
        std::vector<double> values;
        for (const auto& sample : scene.batch) values.push_back(value_of(sample));
        return values;
    }
};

using Values = std::vector<double>;

}  // namespace

TEST_CASE("deltas: the first sample gives none, the next its increase, a lower one itself") {
    Account account;
    const auto id = account.scene.series("a_total");
    CHECK(account.take(id, {{1000, 5}, {2000, 7}, {3000, 7}, {4000, 2}, {5000, 3}}) == Values{2, 0, 2, 1});
    CHECK(account.out[LeftOut::delta_start] == 1);
    CHECK(account.deltas.since(account.scene.batch[0]) == 1000);
    CHECK(account.deltas.since(account.scene.batch[2]) == 3000);
    CHECK_FALSE(account.deltas.since({0, 1000, id}).has_value());
    account.deltas.batch_done();
    CHECK(account.take(id, {{6000, 10}}) == Values{7});
    CHECK(account.out.total() == 0);
}

TEST_CASE("deltas: samples that are read again give the same numbers") {
    Account account;
    const auto id = account.scene.series("a_total");
    account.take(id, {{1000, 5}});
    account.deltas.batch_done();
    const std::vector<std::pair<std::int64_t, double>> batch{{2000, 7}, {3000, 1}, {4000, 4}};
    CHECK(account.take(id, batch) == Values{2, 1, 3});
    CHECK(account.take(id, batch) == Values{2, 1, 3});  // 413: read again
    CHECK(account.take(id, {{2000, 7}}) == Values{2});  // less of it
    account.deltas.batch_done();
    CHECK(account.take(id, {{3000, 1}, {4000, 4}}) == Values{1, 3});
}

TEST_CASE("deltas: a series that ended begins anew, as does one under an old number") {
    Account account;
    const auto id = account.scene.series("a_total");
    account.take(id, {{1000, 5}});
    account.deltas.batch_done();
    account.scene.batch.clear();
    account.scene.add_stale(id, 2000);
    account.scene.add(id, 9, 3000);
    account.take();
    REQUIRE(account.scene.batch.size() == 1);
    CHECK(is_stale(account.scene.batch[0].value_bits));
    CHECK(account.out[LeftOut::delta_start] == 1);
    account.deltas.batch_done();

    account.scene.table.release(id);
    account.scene.table.sweep(1);
    const auto other = account.scene.series("b_total");
    REQUIRE(other == id);
    CHECK(account.take(other, {{4000, 50}}).empty());
    CHECK(account.out[LeftOut::delta_start] == 1);
}

TEST_CASE("deltas: what is no number or no later than before changes nothing") {
    Account account;
    const auto id = account.scene.series("a_total");
    CHECK(account.take(id, {{1000, 5}, {2000, no_number}, {3000, infinite}, {1000, 6}, {4000, 8}}) ==
          Values{3});
    CHECK(account.out[LeftOut::nan] == 1);
    CHECK(account.out[LeftOut::infinite] == 1);
    CHECK(account.out[LeftOut::unsupported] == 1);
}

TEST_CASE("deltas: of two samples within the resolution the second waits for the next") {
    Account account(Deltas::Send::increase, 1000);
    const auto id = account.scene.series("a_total");
    CHECK(account.take(id, {{1000, 1}, {2100, 2}, {2900, 5}, {3100, 6}}) == Values{1, 4});
    CHECK(account.out[LeftOut::collision] == 1);
}

TEST_CASE("deltas: totals keep their value and know since when they count") {
    Account account(Deltas::Send::total);
    const auto id = account.scene.series("a_total");
    CHECK(account.take(id, {{1000, 5}, {2000, 7}, {3000, 2}, {4000, 3}}) == Values{5, 7, 2, 3});
    std::vector<std::int64_t> since;
    for (const auto& sample : account.scene.batch) since.push_back(account.deltas.since(sample).value());
    CHECK(since == std::vector<std::int64_t>{1000, 1000, 2000, 2000});
}

TEST_CASE("deltas: a clean stop costs nothing, a crash or another place one interval") {
    const auto file = "/tmp/pifleet-deltas-" + std::to_string(::getpid());
    const auto stop = [&](Cursor place) {
        Account account;
        const auto id = account.scene.series("a_total", {{"job", "x"}});
        account.take(id, {{1000, 5}});
        account.deltas.batch_done();
        account.take(id, {{2000, 6}});  // on its way at the stop: it comes again
        account.deltas.save(file, place);
    };
    const auto start = [&](Cursor place) {
        Account account;
        account.scene.series("another one, so that numbers differ");
        account.deltas.restore(file, place);
        const auto id = account.scene.series("a_total", {{"job", "x"}});
        return account.take(id, {{2000, 6}, {3000, 9}});
    };
    stop({77});
    CHECK(start({77}) == Values{1, 3});
    CHECK(start({77}) == Values{3});  // the file was taken away
    stop({77});
    CHECK(start({78}) == Values{3});
    CHECK(::access(file.c_str(), F_OK) != 0);
}

TEST_CASE("deltas: what a start has read is kept for the next until it is seen") {
    const auto file = "/tmp/pifleet-deltas-unseen-" + std::to_string(::getpid());
    {
        Account account;
        account.take(account.scene.series("a_total"), {{1000, 5}});
        account.deltas.batch_done();
        account.deltas.save(file, {1});
    }
    {
        Account account;
        account.deltas.restore(file, {1});
        account.deltas.save(file, {2});
    }
    Account account;
    account.deltas.restore(file, {2});
    CHECK(account.take(account.scene.series("a_total"), {{2000, 9}}) == Values{4});
}

TEST_CASE("delta state: only whole bytes of the right place are read") {
    const std::vector<DeltaEntry> entries{{1, 2.5, 3, -4}, {~0ULL, -0.0, 5, 6}};
    const auto bytes = delta_state_bytes({9}, entries);
    CHECK(read_delta_state(bytes, {9}) == entries);
    CHECK(read_delta_state(bytes, {10}).empty());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(read_delta_state(bytes.substr(0, size), {9}).empty());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto broken = bytes;
        broken[at] = static_cast<char>(broken[at] ^ 1);
        CHECK(read_delta_state(broken, {9}).empty());
    }
    CHECK(read_delta_state(bytes + "x", {9}).empty());
    CHECK_FALSE(save_delta_state("/nowhere/at/all", {1}, entries).has_value());
}

TEST_CASE("what a series is: by its family's type, else by its name") {
    using metrics::Type;
    FamilyMetadata family;
    const auto part = [&family](Type type, std::string name, std::string_view series) {
        family.name = std::move(name);
        family.type = type;
        return series_part(series, &family);
    };
    CHECK(part(Type::counter, "x", "x_total") == SeriesPart::counter);
    CHECK(part(Type::counter, "x", "x_created") == SeriesPart::gauge);
    CHECK(part(Type::counter, "odd_gauge", "odd_gauge") == SeriesPart::counter);
    CHECK(part(Type::gauge, "x_total", "x_total") == SeriesPart::gauge);
    CHECK(part(Type::histogram, "h", "h_bucket") == SeriesPart::bucket);
    CHECK(part(Type::histogram, "h", "h_sum") == SeriesPart::sum);
    CHECK(part(Type::histogram, "h", "h_count") == SeriesPart::count);
    CHECK(part(Type::gauge_histogram, "h", "h_bucket") == SeriesPart::gauge);
    CHECK(part(Type::summary, "s", "s") == SeriesPart::quantile);
    CHECK(part(Type::summary, "s", "s_count") == SeriesPart::count);
    CHECK(series_part("x_total", nullptr) == SeriesPart::counter);
    CHECK(series_part("x_bucket", nullptr) == SeriesPart::bucket);
    CHECK(series_part("x", nullptr) == SeriesPart::gauge);
    CHECK(family_name("h_bucket", SeriesPart::bucket) == "h");
    CHECK(family_name("h_count", SeriesPart::count) == "h");
    CHECK(family_name("x_total", SeriesPart::counter) == "x_total");
}
