// The resource kinds, in the page's order.
#pragma once

#include "exporters/k8s_state/kind.hpp"

#include <span>
#include <string_view>

namespace pifleet::k8s {

std::span<const ResourceKind* const> registry();
/// The kind of this name, or nullptr.
const ResourceKind* find_kind(std::string_view name);

}  // namespace pifleet::k8s
