// Amounts of resources by their names (capacity, requests, limits), each in the unit of its resource.
#pragma once

#include "exporters/k8s_state/kind.hpp"

namespace pifleet::k8s {

enum class Pods : bool { left_out, counted };

/// A sample for each resource of the map with the labels `before` (two at most), resource and unit: cores for
/// cpu, bytes for memory and storage, an integer for what a device plugin offers (and for "pods" if counted).
/// Other names of Kubernetes's own are left out.
void add_resources(Samples& out, metrics::Labels before, Json amounts, Pods pods);

}  // namespace pifleet::k8s
