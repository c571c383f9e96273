#include "forwarder/sample_log/sample_log.hpp"

#include "tests/catch.hpp"

using namespace pifleet::forwarder;

namespace {

Record record(std::initializer_list<SeriesId> series) {
    Record out;
    out.time_ms = 1000;
    for (const auto id : series) out.readings.push_back({id * 10u, id});
    return out;
}

std::vector<SeriesId> read(SampleLog& log,
                           SampleLog::ReaderId reader,
                           std::size_t most,
                           Cursor* behind = nullptr) {
    std::vector<Sample> samples;
    const auto cursor = log.read(reader, most, samples);
    if (behind != nullptr) *behind = cursor;
    std::vector<SeriesId> ids;
    for (const auto& sample : samples) ids.push_back(sample.series);
    return ids;
}

using Ids = std::vector<SeriesId>;

// What a record takes in memory beside its samples.
std::size_t overhead() {
    SampleLog log(1 << 20);
    log.open_reader("a");
    log.append(record({1}));
    return log.bytes() - sizeof(Reading);
}
const std::size_t block_overhead = overhead();

}  // namespace

TEST_CASE("readers read in order, each at its own cursor") {
    SampleLog log(1 << 20);
    const auto a = log.open_reader("a");
    log.append(record({1, 2, 3}));
    const auto b = log.open_reader("b");
    log.append(record({4}));
    CHECK(log.waiting(a) == 4);
    CHECK(log.waiting(b) == 1);
    Cursor behind;
    CHECK(read(log, a, 2, &behind) == Ids{1, 2});
    CHECK(read(log, a, 2) == Ids{1, 2});  // reading does not move
    log.advance(a, behind);
    CHECK(log.waiting(a) == 2);
    CHECK(read(log, a, 10, &behind) == Ids{3, 4});
    log.advance(a, behind);
    CHECK(log.waiting(a) == 0);
    CHECK(read(log, a, 10).empty());
    CHECK(read(log, b, 10) == Ids{4});
}

TEST_CASE("a record goes when every reader has passed it") {
    SampleLog log(1 << 20);
    const auto a = log.open_reader("a");
    const auto b = log.open_reader("b");
    log.append(record({1}));
    log.append(record({2}));
    log.advance(a, {2});
    CHECK(log.begin() == 0);
    log.advance(b, {1});
    CHECK(log.begin() == 1);
    log.close_reader(b);
    CHECK(log.begin() == 2);
    CHECK(log.bytes() == 0);
}

TEST_CASE("over the cap the oldest go, counted for those who had not read them") {
    SampleLog log(3 * (block_overhead + 10 * sizeof(Reading)));
    const auto slow = log.open_reader("slow");
    const auto quick = log.open_reader("quick");
    for (SeriesId i = 0; i < 5; ++i) {
        Record r;
        for (int k = 0; k < 10; ++k) r.readings.push_back({0, i});
        log.append(std::move(r));
        log.advance(quick, {(i + 1) * 10});
    }
    CHECK(log.begin() == 2);
    CHECK(log.lost(slow) == 20);
    CHECK(log.waiting(slow) == 30);
    CHECK(log.lost(quick) == 0);
    CHECK(read(log, slow, 1) == Ids{2});
    CHECK(log.bytes() <= log.cap_bytes());
}

TEST_CASE("an acknowledgement for what the cap took meanwhile is harmless") {
    SampleLog log(2 * (block_overhead + sizeof(Reading)));
    const auto reader = log.open_reader("one");
    log.append(record({1}));
    Cursor behind;
    read(log, reader, 1, &behind);
    log.append(record({2}));
    log.append(record({3}));
    log.append(record({4}));
    log.advance(reader, behind);
    CHECK(read(log, reader, 10) == Ids{3, 4});
    CHECK(log.waiting(reader) == 2);
    CHECK(log.lost(reader) == 2);
}

TEST_CASE("without a reader nothing is kept, and the count goes on") {
    SampleLog log(1 << 20);
    log.append(record({1}));
    CHECK(log.bytes() == 0);
    CHECK(log.begin() == 1);
    CHECK(log.end() == 1);
}
