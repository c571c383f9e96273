// What travels: a value of a series at a time, and a scrape's worth of them.
#pragma once

#include "forwarder/series/series_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pifleet::forwarder {

struct Sample {
    std::uint64_t value_bits;  // the double's bits: a stale marker must survive
    std::int64_t time_ms;      // since the epoch
    SeriesId series;
    friend bool operator==(const Sample&, const Sample&) = default;
};

/// A value at the record's time.
struct Reading {
    std::uint64_t value_bits;
    SeriesId series;
};

/// One scrape. Its samples are counted through: first the readings, then those with times of their own.
struct Record {
    std::int64_t time_ms = 0;
    std::vector<Reading> readings;
    std::vector<Sample> timed;

    std::size_t size() const { return readings.size() + timed.size(); }
    std::size_t bytes() const {
        return readings.capacity() * sizeof(Reading) + timed.capacity() * sizeof(Sample);
    }
    void shrink_to_fit() {
        readings.shrink_to_fit();
        timed.shrink_to_fit();
    }

    std::vector<Sample> samples() const {
        std::vector<Sample> all;
        all.reserve(size());
        copy(0, size(), all);
        return all;
    }
    /// Appends `count` samples from the number `from` on.
    void copy(std::size_t from, std::size_t count, std::vector<Sample>& into) const {
        const auto to = from + count;
        for (; from < std::min(to, readings.size()); ++from)
            into.push_back({readings[from].value_bits, time_ms, readings[from].series});
        for (; from < to; ++from) into.push_back(timed[from - readings.size()]);
    }
};

}  // namespace pifleet::forwarder
