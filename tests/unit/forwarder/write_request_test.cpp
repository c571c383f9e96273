// The bytes written by hand against protobuf as the oracle.
#include "forwarder/backends/write_request.hpp"

#include "remote_write.pb.h"
#include "tests/catch.hpp"

#include <bit>
#include <limits>
#include <random>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

remote_write::WriteRequest decoded(const std::string& bytes) {
    remote_write::WriteRequest request;
    REQUIRE(request.ParseFromString(bytes));
    return request;
}

std::string labels_of(const remote_write::TimeSeries& series) {
    std::string out;
    for (const auto& label : series.labels()) out += label.name() + "=" + label.value() + ";";
    return out;
}

}  // namespace

TEST_CASE("protobuf writes the very same bytes") {
    std::mt19937_64 random(7);
    SeriesTable table;
    remote_write::WriteRequest expected;
    std::vector<Sample> samples;
    for (int i = 0; i < 300; ++i) {
        const std::string name = "metric_" + std::to_string(i);
        const std::string value(1 + random() % 300, 'v');
        const metrics::Label labels[] = {{"__name__", name}, {"instance", "pi:9100"}, {"z", value}};
        const auto id = table.acquire(labels);
        auto* series = expected.add_timeseries();
        for (const auto& label : labels) {
            auto* added = series->add_labels();
            added->set_name(std::string(label.name));
            added->set_value(std::string(label.value));
        }
        for (int k = 0; k < 3; ++k) {
            const auto bits = k == 1 ? 0 : random() >> 12 | 0x3ff0000000000000;
            const auto time = k == 2 ? 0 : static_cast<std::int64_t>(random() % 4'000'000'000'000);
            samples.push_back({bits, time, id});
            auto* added = series->add_samples();
            added->set_value(std::bit_cast<double>(bits));
            added->set_timestamp(time);
        }
    }
    std::string bytes;
    append_write_request(samples, table, {}, bytes);
    CHECK(bytes == expected.SerializeAsString());
}

TEST_CASE("protobuf writes the very same bytes of metadata") {
    const FamilyMetadata families[] = {
        {"a", "Help.", "", metrics::Type::counter},
        {"b_seconds", std::string(1000, 'h'), "seconds", metrics::Type::state_set},
        {"c", "", "", metrics::Type::unknown}};
    remote_write::WriteRequest expected;
    std::string bytes;
    for (const auto& family : families) {
        auto* added = expected.add_metadata();
        added->set_type(static_cast<remote_write::MetricMetadata::MetricType>(family.type));
        added->set_metric_family_name(family.name);
        added->set_help(family.help);
        added->set_unit(family.unit);
        append_metadata(family, bytes);
    }
    CHECK(bytes == expected.SerializeAsString());
}

TEST_CASE("samples of one series stand together, in the order they came") {
    SeriesTable table;
    const auto a = table.acquire(std::array{metrics::Label{"__name__", "a"}});
    const auto b = table.acquire(std::array{metrics::Label{"__name__", "b"}});
    const std::vector<Sample> samples{{1, 10, b}, {2, 10, a}, {3, 20, b}, {4, 20, a}};
    std::string bytes;
    append_write_request(samples, table, {}, bytes);
    const auto request = decoded(bytes);
    REQUIRE(request.timeseries_size() == 2);
    CHECK(labels_of(request.timeseries(0)) == "__name__=a;");
    REQUIRE(request.timeseries(1).samples_size() == 2);
    CHECK(request.timeseries(1).samples(0).timestamp() == 10);
    CHECK(request.timeseries(1).samples(1).timestamp() == 20);
}

TEST_CASE("external labels are merged in order and never replace a series' own") {
    SeriesTable table;
    const auto id = table.acquire(
        std::array{metrics::Label{"__name__", "a"}, metrics::Label{"job", "own"}, metrics::Label{"m", "1"}});
    const std::vector<Sample> samples{{0, 1, id}};
    const OwnedLabels external{{"Site", "x"}, {"cluster", "home"}, {"job", "other"}, {"z", "last"}};
    std::string bytes;
    append_write_request(samples, table, external, bytes);
    CHECK(labels_of(decoded(bytes).timeseries(0)) == "Site=x;__name__=a;cluster=home;job=own;m=1;z=last;");
}

TEST_CASE("the stale marker's bits, negative times and the largest numbers pass unchanged") {
    SeriesTable table;
    const auto id = table.acquire(std::array{metrics::Label{"__name__", "a"}});
    const auto least = std::numeric_limits<std::int64_t>::min(),
               most = std::numeric_limits<std::int64_t>::max();
    const std::vector<Sample> samples{
        {metrics::stale_marker_bits, least, id}, {0, most, id}, {~0ull, -1, id}};
    std::string bytes;
    append_write_request(samples, table, {}, bytes);
    const auto series = decoded(bytes).timeseries(0);
    CHECK(std::bit_cast<std::uint64_t>(series.samples(0).value()) == metrics::stale_marker_bits);
    CHECK(series.samples(0).timestamp() == least);
    CHECK(series.samples(1).timestamp() == most);
    CHECK(series.samples(2).timestamp() == -1);
}
