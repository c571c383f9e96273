// statfs(2) for many mounts without waiting for those that do not answer. A dead NFS server or a dying disk
// can hold a statfs for ever, and nothing can call it back: the thread that made it stays parked on it, and
// the mount is not asked again until it has answered. At most so many threads as given are ever parked; they
// are started when needed.
#pragma once

#include <sys/vfs.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pifleet::node {

struct Probe {
    enum class State {
        answered,
        failed,     // `code` says why
        no_answer,  // not within the time limit, now or at an earlier scrape
        not_asked,  // no thread got to it: they are parked on other mounts
    };
    State state = State::not_asked;
    int code = 0;
    struct statfs usage {};
};

/// Used by one thread; its own threads it keeps to itself. They outlive it, if they must, and touch nothing
/// of it.
class MountProber {
  public:
    /// Gives 0 or an errno. Replaced in tests, where no mount can be made to hang.
    using Statfs = int (*)(const char* path, struct statfs* usage);

    explicit MountProber(unsigned threads, Statfs replacement = nullptr);
    ~MountProber();

    /// The answers, in the order of the paths (none twice), after `limit` at the latest.
    std::vector<Probe> ask(std::span<const std::string> paths, std::chrono::milliseconds limit);

    /// The answer of one that is known not to hang, in the caller's thread: a thread's waking costs more.
    Probe ask_here(const std::string& path) const;

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace pifleet::node
