// One list kept up to date: LIST a page at a time (or watch-list where the server has it), then WATCH, for
// ever. What it reads goes to a sink object by object; nothing is kept here but the version it has reached.
#pragma once

#include "common/base/result.hpp"
#include "common/kubernetes/cluster.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

/// Takes what a Watcher reads, on its executor. The texts are valid during the call; metadata.managedFields
/// and the annotation kubectl.kubernetes.io/last-applied-configuration are cut out of them, unread.
class ObjectSink {
  public:
    virtual ~ObjectSink() = default;
    /// A list begins: what has not come again when it ends is no more. One that fails on its way begins
    /// anew, without an end.
    virtual void begin_list() = 0;
    /// An object as it is now. Of a server-side table: a row, with its cells and its object's metadata.
    virtual void object(std::string_view json) = 0;
    /// As it was. Of one that has become too large to be read, no more than its metadata.
    virtual void deleted(std::string_view json) = 0;
    /// The list is whole: from here on what the sink has is the truth.
    virtual void end_list() = 0;
};

struct WatcherOptions {
    std::string path;                            // "/api/v1/pods", "/api/v1/namespaces/media/pods"
    std::string field_selector;                  // not encoded
    bool as_table = false;                       // server-side table: cells and metadata, never the object
    bool from_cache = false;                     // list with resourceVersion=0
    std::size_t page_objects = 100;              // of the first page; then what makes nearly 1 MB, up to 500
    std::size_t most_objects = 0;                // 0: no limit
    std::size_t most_object_bytes = 8 << 20;     // a larger one is left out and counted
    std::chrono::milliseconds silence{150'000};  // a watch without event or bookmark for so long is cut
    std::chrono::seconds watch_for{240};         // timeoutSeconds
    std::chrono::milliseconds backoff{5'000};    // at most, with jitter
    std::chrono::milliseconds missing{60'000};   // between two tries at what the server lacks or forbids
};

/// Counters since start; times on the steady clock.
struct WatcherStatus {
    enum class State {
        connecting,
        listing,
        watching,
        waiting,    // after a failure
        missing,    // the server has no such resource (404)
        forbidden,  // or does not let us read it (403)
    };
    State state = State::connecting;
    bool listed = false;  // a list has been whole once
    /// When a list or a watch last told something, a bookmark included; none: never.
    std::optional<std::chrono::steady_clock::time_point> last_event;
    std::uint64_t lists = 0, list_errors = 0, watches = 0, watch_errors = 0;
    std::uint64_t events = 0, expired = 0 /* versions: 410 */, skipped = 0 /* objects that cannot be read */;
    std::uint64_t bytes = 0;  // of bodies, as they came
    std::string error;        // of the last failure; empty while all is well
};

class Watcher {
  public:
    /// The sink and the cluster must outlive it.
    Watcher(boost::asio::any_io_executor executor,
            Cluster& cluster,
            WatcherOptions options,
            ObjectSink& sink);
    ~Watcher();

    void start();
    /// Nothing reaches the sink from here on.
    void stop();

    const WatcherStatus& status() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace pifleet::kubernetes
