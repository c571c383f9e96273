// A batch for Kafka: of each sample a record
// {"timestamp":"2026-11-29T00:00:00.123Z","value":"1.5","name":"up", "labels":{"__name__":"up",…}}, as
// readers of prometheus-kafka-adapter's know it, and what is theirs to ignore: "stale":true where a series
// ends, whose value is NaN. Its key is the series' number, so that a series stays in order in one partition.
// Pure.
#pragma once

#include "forwarder/backends/sent_series.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace pifleet::forwarder {

/// Whether a time has four digits for its year.
constexpr bool kafka_time(std::int64_t time_ms) {
    return time_ms >= 0 && time_ms <= 253'402'300'799'999;
}

/// Of samples whose times are such: of each its key, a NUL, its value, a NUL.
std::string kafka_records(std::span<const Sample> samples, const SentSeries& series);

}  // namespace pifleet::forwarder
