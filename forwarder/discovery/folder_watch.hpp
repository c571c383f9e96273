// Says that something in some folders changed, by inotify. Where that does not work (no watches left, a
// network file system) nothing is said: whoever needs to know looks now and then besides.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace pifleet::forwarder {

class FolderWatch : public std::enable_shared_from_this<FolderWatch> {
  public:
    /// `changed` is called a moment after the first event of a burst, so that what belongs together (a file
    /// created, written, renamed) is seen as one.
    FolderWatch(boost::asio::any_io_executor executor, std::function<void()> changed);

    /// From now on these folders and no others. For one that does not exist, the nearest above it that does.
    void watch(const std::set<std::string>& folders);
    void stop();

  private:
    void wait();
    void settle();
    bool read_events();

    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer settle_;
    std::function<void()> changed_;
    std::map<std::string, int> watches_;  // folder to inotify's number
    bool waiting_ = false, settling_ = false;
};

}  // namespace pifleet::forwarder
