// Work that blocks and cannot be stopped (name resolution), kept away from the event loop.
#pragma once

#include "common/base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace pifleet {

/// Threads for work that is neither to hold up name resolution nor to wait for it. They end by themselves
/// when there is nothing to do, also after this object.
class BlockingThreads {
  public:
    explicit BlockingThreads(int most);
    struct Impl;
    const std::shared_ptr<Impl>& impl() const { return impl_; }

  private:
    std::shared_ptr<Impl> impl_;
};

/// Runs `work` in a thread, of which there are at most four in the process, made when needed; what comes
/// while all are taken waits its turn. True when it ended before the deadline. Otherwise it is not begun any
/// more or goes on unheard, also after this coroutine and its loop: it must own all that it touches. The
/// error says that there is no thread to be had. `own`: threads in place of the four.
boost::asio::awaitable<Result<bool>> run_blocking(std::function<void()> work,
                                                  std::chrono::steady_clock::time_point deadline,
                                                  const BlockingThreads* own = nullptr);

}  // namespace pifleet
