// The perf collector with the kernel handed in.
#pragma once

#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/perf_counter.hpp"

#include <memory>

namespace pifleet::node {

/// The flags that are read are the collector's own.
Result<std::unique_ptr<Collector>> make_perf(const process::CommandLine& flags, PerfOpen open);

}  // namespace pifleet::node
