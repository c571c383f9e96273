#include "forwarder/sample_log/pack.hpp"

#include "common/metrics/model.hpp"
#include "forwarder/sample_log/crc32c.hpp"
#include "tests/catch.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

std::vector<Sample> round(const std::vector<Sample>& samples) {
    std::string columns, packed, unpacked;
    Compressor compressor;
    append_columns(columns, samples);
    compressor.compress(columns, packed);
    REQUIRE(compressor.decompress(packed, columns.size(), unpacked));
    std::vector<Sample> out;
    ByteReader reader(unpacked);
    REQUIRE(read_columns(reader, samples.size(), out));
    CHECK(reader.rest().empty());
    return out;
}

std::uint64_t bits(double value) {
    return std::bit_cast<std::uint64_t>(value);
}

}  // namespace

TEST_CASE("CRC-32C as published") {
    CHECK(crc32c("") == 0);
    CHECK(crc32c("123456789") == 0xE3069283);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AA);  // RFC 3720, B.4
    CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43);
}

TEST_CASE("every value comes back with the bits it had") {
    const double limits[] = {0.0,
                             -0.0,
                             1,
                             -1,
                             0.1,
                             -0.1,
                             1e-22,
                             1e-23,
                             1e22,
                             1e300,
                             5e-324,
                             123456.789,
                             1.7e9,
                             3.3e18,
                             9007199254740991.0,
                             9007199254740992.0,
                             -9007199254740993.0,
                             0.30000000000000004,
                             std::numeric_limits<double>::max(),
                             std::numeric_limits<double>::min(),
                             std::numeric_limits<double>::infinity(),
                             -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()};
    std::vector<Sample> samples;
    for (const auto value : limits) samples.push_back({bits(value), 7, 3});
    samples.push_back({metrics::stale_marker_bits, 7, 3});
    std::mt19937_64 random(1);
    for (int i = 0; i < 20000; ++i) samples.push_back({random(), 7, static_cast<SeriesId>(random())});
    for (int i = 0; i < 20000; ++i)  // decimals as pages have them
        samples.push_back(
            {bits(static_cast<double>(random() % 1'000'000'000) / std::pow(10, random() % 12)), 7, 3});
    CHECK(round(samples) == samples);
}

TEST_CASE("times of their own come back, whatever they are") {
    const auto least = std::numeric_limits<std::int64_t>::min(),
               most = std::numeric_limits<std::int64_t>::max();
    const std::vector<Sample> samples{
        {0, 5, 1}, {0, least, 2}, {0, most, 0}, {0, 1000, 7}, {0, 1000, 8}, {0, -1, 9}, {0, 1000, 4}};
    CHECK(round(samples) == samples);
    CHECK(round({{1, most, 0xffffffff}}) == std::vector<Sample>{{1, most, 0xffffffff}});
}

TEST_CASE("a page's samples take few bytes") {
    std::vector<Sample> samples;
    for (SeriesId i = 0; i < 1000; ++i) samples.push_back({bits(1234.5 + i * 0.25), 1700000000000, i});
    std::string columns, packed;
    Compressor compressor;
    append_columns(columns, samples);
    compressor.compress(columns, packed);
    CHECK(packed.size() < 3 * samples.size());
}

TEST_CASE("bytes that are no columns are refused") {
    std::vector<Sample> samples;
    for (SeriesId i = 0; i < 50; ++i) samples.push_back({bits(i * 0.1), 1000 + (i % 7), i * 3});
    std::string columns;
    append_columns(columns, samples);
    for (std::size_t size = 0; size < columns.size(); ++size) {
        ByteReader reader(std::string_view(columns).substr(0, size));
        std::vector<Sample> out;
        CHECK_FALSE(read_columns(reader, samples.size(), out));
    }
    for (const std::size_t count : {std::size_t{0}, std::size_t{1} << 40}) {
        ByteReader reader(columns);
        std::vector<Sample> out;
        CHECK_FALSE(read_columns(reader, count, out));
    }
    std::string into;
    CHECK_FALSE(Compressor().decompress("no zstd", 5, into));
}
