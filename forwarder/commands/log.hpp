// pifleet-forwarder log inspect|verify|export FOLDER: looks into a storage folder, in use or not, without
// changing it.
#pragma once

#include <span>

namespace pifleet::forwarder {

/// `words` are those behind "log"; the answer is the exit code. verify gives 1 when something in the folder
/// is broken.
int log_command(std::span<const char* const> words);

}  // namespace pifleet::forwarder
