// Work that blocks and cannot be stopped (name resolution), kept away from the event loop.
#pragma once

#include "common/base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

namespace pifleet {

/// Runs `work` in a thread, of which there are at most four in the process, made when needed; what comes
/// while all are taken waits its turn. True when it ended before the deadline. Otherwise it is not begun any
/// more or goes on unheard, also after this coroutine and its loop: it must own all that it touches. The
/// error says that there is no thread to be had.
boost::asio::awaitable<Result<bool>> run_blocking(std::function<void()> work,
                                                  std::chrono::steady_clock::time_point deadline);

}  // namespace pifleet
