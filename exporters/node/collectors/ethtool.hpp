// The ethtool collector with the kernel handed in.
#pragma once

#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/ethtool_device.hpp"

#include <memory>

namespace pifleet::node {

/// The flags that are read are the collector's own.
Result<std::unique_ptr<Collector>> make_ethtool(const process::CommandLine& flags, EthtoolCall call);

}  // namespace pifleet::node
