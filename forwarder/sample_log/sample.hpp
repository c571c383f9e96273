// What travels: a value of a series at a time, and a scrape's worth of them.
#pragma once

#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <vector>

namespace pifleet::forwarder {

struct Sample {
    std::uint64_t value_bits;  // the double's bits: a stale marker must survive
    std::int64_t time_ms;      // since the epoch
    SeriesId series;
    friend bool operator==(const Sample&, const Sample&) = default;
};

struct Record {
    std::vector<Sample> samples;
};

}  // namespace pifleet::forwarder
