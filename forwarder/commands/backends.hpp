// pifleet-forwarder backends [NAME]: the systems that samples can go to, what proves that they arrive, and
// what one of them asks its owner for.
#pragma once

#include <span>

namespace pifleet::forwarder {

/// `words` are those behind "backends"; the answer is the exit code.
int backends_command(std::span<const char* const> words);

}  // namespace pifleet::forwarder
