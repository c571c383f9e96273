// The bytes of remote_write 2.0 written by hand against protobuf as the oracle.
#include "forwarder/backends/write_request_v2.hpp"

#include "forwarder/backends/write_request.hpp"
#include "remote_write_v2.pb.h"
#include "tests/catch.hpp"

#include <array>
#include <bit>
#include <limits>
#include <random>
#include <set>

using namespace pifleet;
using namespace pifleet::forwarder;
namespace v2 = pifleet::remote_write::v2;

namespace {

// Decoded, and checked for what the specification demands of every request.
v2::Request decoded(const std::string& bytes) {
    v2::Request request;
    REQUIRE(request.ParseFromString(bytes));
    CHECK(request.SerializeAsString() ==
          bytes);  // nothing unknown, nothing out of order, nothing spelled longer
    REQUIRE(request.symbols_size() > 0);
    CHECK(request.symbols(0).empty());
    CHECK(std::set<std::string>(request.symbols().begin(), request.symbols().end()).size() ==
          static_cast<std::size_t>(request.symbols_size()));
    const auto most = static_cast<std::uint32_t>(request.symbols_size());
    for (const auto& series : request.timeseries()) {
        CHECK(series.labels_refs_size() % 2 == 0);
        CHECK(series.samples_size() > 0);
        for (const auto ref : series.labels_refs()) REQUIRE((ref > 0 && ref < most));
        REQUIRE(series.metadata().help_ref() < most);
        REQUIRE(series.metadata().unit_ref() < most);
    }
    return request;
}

std::string labels_of(const v2::Request& request, int n) {
    std::string out;
    const auto& refs = request.timeseries(n).labels_refs();
    for (int i = 0; i < refs.size(); ++i)
        out += request.symbols(static_cast<int>(refs[i])) + (i % 2 == 0 ? "=" : ";");
    return out;
}

std::string metadata_of(const v2::Request& request, int n) {
    const auto& metadata = request.timeseries(n).metadata();
    return std::to_string(metadata.type()) + "|" + request.symbols(static_cast<int>(metadata.help_ref())) +
           "|" + request.symbols(static_cast<int>(metadata.unit_ref()));
}

SeriesId series_named(SeriesTable& table, std::string_view name) {
    return table.acquire(std::array{metrics::Label{"__name__", name}});
}

std::string encoded(std::span<const Sample> samples,
                    const SeriesTable& table,
                    const MetadataTable& metadata = MetadataTable{},
                    const OwnedLabels& external = {}) {
    std::string bytes;
    append_write_request_v2(samples, table, metadata, external, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("2.0: labels, samples and metadata come back") {
    std::mt19937_64 random(7);
    SeriesTable table;
    MetadataTable metadata;
    std::vector<Sample> samples;
    std::vector<std::string> labels;
    for (int i = 0; i < 300; ++i) {
        const std::string name = "metric_" + std::to_string(i), value(1 + random() % 300, 'v');
        const metrics::Label own[] = {{"__name__", name}, {"instance", "pi:9100"}, {"z", value}};
        metadata.note_type(name, metrics::Type::gauge);
        metadata.note_help(name, "Help of " + name + ".");
        const auto id = table.acquire(own);
        for (int k = 0; k < 3; ++k)
            samples.push_back({k == 1 ? 0 : random() >> 12 | 0x3ff0000000000000,
                               k == 2 ? 0 : static_cast<std::int64_t>(random() % 4'000'000'000'000),
                               id});
        labels.push_back("__name__=" + name + ";instance=pi:9100;z=" + value + ";");
    }
    const auto request = decoded(encoded(samples, table, metadata));
    REQUIRE(request.timeseries_size() == 300);
    for (int i = 0; i < 300; ++i) {
        CHECK(labels_of(request, i) == labels[static_cast<std::size_t>(i)]);
        CHECK(metadata_of(request, i) == "2|Help of metric_" + std::to_string(i) + ".|");
        for (int k = 0; k < 3; ++k) {
            const auto& expected = samples[static_cast<std::size_t>(3 * i + k)];
            CHECK(std::bit_cast<std::uint64_t>(request.timeseries(i).samples(k).value()) ==
                  expected.value_bits);
            CHECK(request.timeseries(i).samples(k).timestamp() == expected.time_ms);
        }
    }
}

TEST_CASE("2.0: a series finds its family through the suffix that its type gives it") {
    SeriesTable table;
    MetadataTable metadata;
    metadata.note_type("h", metrics::Type::histogram);
    metadata.note_help("h", "A histogram.");
    metadata.note_unit("h", "seconds");
    metadata.note_type("c", metrics::Type::counter);
    metadata.note_type("g", metrics::Type::gauge);
    const auto type_of = [&](std::string_view name) {
        const std::vector<Sample> one{{1, 1, series_named(table, name)}};
        return metadata_of(decoded(encoded(one, table, metadata)), 0);
    };
    for (const auto name : {"h_bucket", "h_sum", "h_count", "h_created"})
        CHECK(type_of(name) == "3|A histogram.|seconds");
    CHECK(type_of("c_total") == "1||");
    CHECK(type_of("g") == "2||");
    CHECK(type_of("g_total") == "0||");
    CHECK(type_of("unheard_of") == "0||");
}

TEST_CASE("2.0: external labels, stale markers and extreme times pass as in 1.0") {
    SeriesTable table;
    const auto id = table.acquire(std::array{metrics::Label{"__name__", "a"}, metrics::Label{"job", "own"}});
    const auto least = std::numeric_limits<std::int64_t>::min(),
               most = std::numeric_limits<std::int64_t>::max();
    const std::vector<Sample> samples{
        {metrics::stale_marker_bits, least, id}, {0, most, id}, {~0ull, -1, id}};
    const auto request =
        decoded(encoded(samples, table, MetadataTable{}, {{"Site", "x"}, {"job", "other"}, {"z", "y"}}));
    CHECK(labels_of(request, 0) == "Site=x;__name__=a;job=own;z=y;");
    const auto& series = request.timeseries(0);
    CHECK(std::bit_cast<std::uint64_t>(series.samples(0).value()) == metrics::stale_marker_bits);
    CHECK(series.samples(0).timestamp() == least);
    CHECK(series.samples(1).timestamp() == most);
    CHECK(series.samples(2).timestamp() == -1);
}

TEST_CASE("2.0: lengths of one, two and three bytes are told right") {
    SeriesTable table;
    std::vector<Sample> samples{{1, 1, series_named(table, "one")}};
    for (int n = 0; n < 5000; ++n) samples.push_back({1, 1'700'000'000'000 + n, 0});
    CHECK(decoded(encoded(samples, table)).timeseries(0).samples_size() == 5001);
    samples.resize(20);
    CHECK(decoded(encoded(samples, table)).timeseries(0).samples_size() == 20);
    samples.resize(1);
    CHECK(decoded(encoded(samples, table)).timeseries(0).samples_size() == 1);
}

TEST_CASE("2.0: a body is smaller than the same samples in 1.0") {
    SeriesTable table;
    std::vector<Sample> samples;
    for (int i = 0; i < 2000; ++i) {
        const std::string cpu = std::to_string(i % 8),
                          name = "node_metric_" + std::to_string(i / 8) + "_seconds_total";
        samples.push_back({0x40c3880000000000ull + static_cast<std::uint64_t>(i) * 1'000'003,
                           1'700'000'000'000,
                           table.acquire(std::array{metrics::Label{"__name__", name},
                                                    metrics::Label{"cpu", cpu},
                                                    metrics::Label{"instance", "192.168.1.20:9100"},
                                                    metrics::Label{"job", "node"}})});
    }
    std::string v1;
    append_write_request(samples, table, {}, v1);
    CHECK(encoded(samples, table).size() * 2 < v1.size());
}
