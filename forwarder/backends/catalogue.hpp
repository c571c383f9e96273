// Everything that the list `backends` of a configuration may name: the protocols and the presets that are
// compiled in, and presets of the owner's own.
#pragma once

#include "common/base/result.hpp"
#include "forwarder/config/presets.hpp"

#include <string>

namespace pifleet::forwarder {

/// What is compiled in (presets.yaml), with what was added since.
const Catalogue& catalogue();

/// Adds the presets of all *.yaml and *.yml files of a folder, by name, in place of those of the same name; a
/// folder that is not there adds none. The error is all faults, a line each; then nothing is added. Not
/// thread-safe.
Result<void> add_presets(const std::string& folder);

}  // namespace pifleet::forwarder
