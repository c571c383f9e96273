// The wifi collector with the kernel handed in.
#pragma once

#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/nl80211.hpp"

#include <memory>

namespace pifleet::node {

std::unique_ptr<Collector> make_wifi(WifiDump dump);

}  // namespace pifleet::node
