// What perf_event_open(2) can count, under the names of node_exporter's flags.
#pragma once

#include "common/metrics/model.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::node {

struct PerfEvent {
    std::string_view name;  // as in --collector.perf.hardware-profilers=NAME
    std::uint32_t type;     // PERF_TYPE_…
    std::uint64_t config;
    metrics::Family family;
};

std::span<const PerfEvent> perf_hardware_events();
std::span<const PerfEvent> perf_software_events();
std::span<const PerfEvent> perf_cache_events();

}  // namespace pifleet::node
