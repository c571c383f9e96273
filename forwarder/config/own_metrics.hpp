// Prometheus scraping itself: a job that most prometheus.yml have, and that finds nobody once the forwarder
// has taken Prometheus's place.
#pragma once

#include "forwarder/config/config.hpp"

namespace pifleet::forwarder {

/// Whether a job named prometheus scrapes port 9090 of this machine.
bool scrapes_prometheus_itself(const Config& config);

}  // namespace pifleet::forwarder
