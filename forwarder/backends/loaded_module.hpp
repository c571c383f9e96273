// Parts of the program that are loaded only where the configuration asks for them: each has a library of its
// own that others need not have installed, nor in memory.
#pragma once

#include "common/base/result.hpp"

#include <string>

namespace pifleet::forwarder {

/// Loads FILE, from the program's folder or /usr/lib/pifleet, and gives the address of its function. It stays
/// loaded. Errors say what to install.
Result<void*> load_module(const std::string& file, const char* function);

}  // namespace pifleet::forwarder
