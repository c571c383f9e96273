#include "forwarder/discovery/folder_watch.hpp"

#include "common/base/glob.hpp"
#include "common/process/log.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::chrono::milliseconds settle_time{100};

// A file in the middle of being written is not read: its end is what counts. IN_CREATE is for links,
// IN_ATTRIB for a file that became readable.
constexpr std::uint32_t content_events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                         IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t arrival_events = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;

// The number of the watch, or -1 with errno.
int add_watch(int events, std::string folder) {
    int number = ::inotify_add_watch(events, folder.c_str(), content_events);
    while (number < 0 && errno == ENOENT && folder != "/" && folder != ".") {
        folder = folder_of(folder);
        // Others may watch it for its content: their events stay.
        number = ::inotify_add_watch(events, folder.c_str(), arrival_events | IN_MASK_ADD);
    }
    return number;
}

}  // namespace

FolderWatch::FolderWatch(boost::asio::any_io_executor executor, std::function<void()> changed)
    : events_(executor), settle_(executor), changed_(std::move(changed)) {
    const int number = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (number < 0) {
        log::warn("changes of files are not noticed at once", {{"error", std::strerror(errno)}});
        return;
    }
    events_.assign(number);
}

void FolderWatch::watch(const std::set<std::string>& folders) {
    if (!events_.is_open()) return;
    std::map<std::string, int> after;
    std::set<int> wanted;
    for (const auto& folder : folders) {
        // Also for one that is watched already: it may be another of the same name by now.
        const int number = add_watch(events_.native_handle(), folder);
        if (number < 0) {
            log::warn("changes in a folder are not noticed at once",
                      {{"folder", folder}, {"error", std::strerror(errno)}});
            continue;
        }
        after.emplace(folder, number);
        wanted.insert(number);
    }
    for (const auto& [folder, number] : watches_)
        if (wanted.insert(number).second) ::inotify_rm_watch(events_.native_handle(), number);
    watches_ = std::move(after);
    if (!std::exchange(waiting_, true)) wait();
}

void FolderWatch::stop() {
    events_.close();
    settle_.cancel();
}

void FolderWatch::wait() {
    events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](const boost::system::error_code& stopped) {
                           const auto self = weak.lock();
                           if (stopped || !self || !self->events_.is_open()) return;
                           if (self->read_events() && !std::exchange(self->settling_, true)) self->settle();
                           self->wait();
                       });
}

void FolderWatch::settle() {
    settle_.expires_after(settle_time);
    settle_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (cancelled || !self) return;
        self->settling_ = false;
        self->changed_();
    });
}

// Whether there was an event; which one does not matter, all folders are looked at.
bool FolderWatch::read_events() {
    alignas(inotify_event) char buffer[4096];
    bool any = false;
    while (::read(events_.native_handle(), buffer, sizeof buffer) > 0) any = true;
    return any;
}

}  // namespace pifleet::forwarder
