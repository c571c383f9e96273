// Parts of the program that are loaded only where the configuration asks for them: each has a library of its
// own that others need not have installed, nor in memory.
#pragma once

#include "common/base/blocking.hpp"
#include "common/base/result.hpp"
#include "forwarder/backends/backend.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace pifleet::forwarder {

/// Loads FILE, from the program's folder or /usr/lib/pifleet, and gives the address of its function. It stays
/// loaded. Errors say what to install.
Result<void*> load_module(const std::string& file, const char* function);

/// The table of functions that the module's function gives, if it is of this version. A Table has `version`.
template <class Table>
Result<const Table*> load_table(const std::string& file, const char* function, unsigned version) {
    const auto entry = load_module(file, function);
    if (!entry) return entry.error();
    const auto* const table = reinterpret_cast<const Table* (*)()>(*entry)();
    if (table->version != version) return failure(file + " is of another version");
    return table;
}

/// Runs an attempt in the module's own thread: `work(milliseconds left)`, which must own all that it touches.
/// The verdict of one that could not be run, or did not end `grace` after its deadline.
boost::asio::awaitable<std::optional<Verdict>> run_attempt(
    std::function<void(std::chrono::milliseconds)> work,
    const AttemptLimits& limits,
    std::chrono::milliseconds grace,
    const BlockingThreads& thread);

}  // namespace pifleet::forwarder
