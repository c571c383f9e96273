// A snapshot as JSON for the page and as metrics for whoever scrapes the forwarder.
#pragma once

#include "common/metrics/page.hpp"
#include "forwarder/status/snapshot.hpp"

#include <string>

namespace pifleet::forwarder::status {

std::string json(const Snapshot& snapshot);
void add_metrics(const Snapshot& snapshot, metrics::Page& page);

}  // namespace pifleet::forwarder::status
