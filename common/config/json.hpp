// JSON read into the tree that YAML is read into, so that one set of tables reads both.
#pragma once

#include "common/config/tree.hpp"

#include <optional>
#include <string_view>

namespace pifleet::config {

/// Reads one JSON value of any bytes. Texts are quoted scalars; numbers and switches are faults, because
/// nothing that is read this way has them, and so is a key given twice. Only syntax errors know their place.
/// Bounded in nodes and depth.
std::optional<Node> parse_json(std::string_view text, Faults& faults);

}  // namespace pifleet::config
