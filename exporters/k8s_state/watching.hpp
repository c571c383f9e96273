// The kinds of a plan, each kept up to date by its watches, and what becomes of a kind whose watches do not
// work: after a while its objects go from the page rather than show what may no longer be so.
#pragma once

#include "common/kubernetes/watcher.hpp"
#include "exporters/k8s_state/feed.hpp"
#include "exporters/k8s_state/selection.hpp"
#include "exporters/k8s_state/shards.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

/// A list that is being kept up to date for as long as the object lives.
class Watch {
  public:
    virtual ~Watch() = default;
    virtual const kubernetes::WatcherStatus& status() const = 0;
};
/// The sink outlives the watch.
using MakeWatch = std::function<std::unique_ptr<Watch>(kubernetes::WatcherOptions, kubernetes::ObjectSink&)>;

/// All watches of a kind together.
struct KindStatus {
    std::string_view resource;
    std::size_t watches = 0, working = 0;
    bool settled = false;  // all of its lists have been whole once, or cannot be had
    kubernetes::WatcherStatus sum;
    std::size_t objects = 0, bytes = 0;
    std::uint64_t unchanged = 0;
    std::string withdrawn;  // why it is not on the page
};

class Watching {
  public:
    using Clock = std::chrono::steady_clock;

    Watching(
        Plan plan, Shard shard, std::chrono::milliseconds stale_after, MakeWatch make, Clock::time_point now);
    ~Watching();

    /// Looks after the watches; once a second.
    void look(Clock::time_point now);

    const std::vector<std::shared_ptr<const Feed>>& feeds() const { return shown_; }
    std::vector<KindStatus> status() const;

  private:
    struct List;
    struct Kind;
    void look(Kind& kind, Clock::time_point now);
    void look(Kind& kind, List& list, Clock::time_point now);
    void drop(Kind& kind, List& list, const std::string& why);
    void start(List& list);

    const std::chrono::milliseconds stale_after_;
    const MakeWatch make_;
    std::vector<std::unique_ptr<Kind>> kinds_;
    std::vector<std::shared_ptr<const Feed>> shown_;  // all of them: a feed knows whether it is withdrawn
};

}  // namespace pifleet::k8s
