// The list of collectors. A new one is one file under collectors/ and one line in registry.cpp.
#pragma once

#include "exporters/node/collector.hpp"

#include <span>
#include <string_view>

namespace pifleet::node {

/// In the order in which they run.
std::span<const CollectorKind* const> registry();

/// --collector.NAME of every collector, and the rows that the collectors declare themselves.
void declare_collector_flags(process::CommandLine& flags);

/// The name of the switch that turns the collector on or off: "collector.cpu".
std::string switch_name(const CollectorKind& kind);

}  // namespace pifleet::node
