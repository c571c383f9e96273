// What a watcher does next and what each thing that comes means, without a socket or a clock: list or
// watch-list, page by page, watch, resume, list again, wait. Private to common/kubernetes.
#pragma once

#include "common/kubernetes/splitter.hpp"
#include "common/kubernetes/watcher.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

/// An answer other than the one that was asked for: by HTTP's status or by an ERROR event.
struct Refusal {
    unsigned status = 0;
    std::string reason, message;  // of the Status, or the beginning of whatever came
    std::optional<std::chrono::seconds> retry_after;
};

struct Event {
    enum class Kind { changed, deleted, bookmark };
    Kind kind = Kind::changed;
    std::string version;
    bool initial_end = false;  // a bookmark: all that there was has been told
};

class Plan {
  public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    enum class Do { wait, list, watch_list, watch };
    struct Step {
        Do what = Do::wait;
        std::string target;      // of a request: path and query
        Clock::duration wait{};  // otherwise
        bool begins_list = false;
    };

    /// `watch_list`: whether the server lists by watching, as far as all of its watchers know.
    Plan(WatcherOptions options, std::uint32_t seed, bool& watch_list);

    /// After it, one of the reports below ends the step, a wait by itself.
    Step next(Time now);

    /// The request has been taken: what follows is the list or the events.
    void accepted(Time now);
    /// Whether one more object of a list is wanted, which counts it.
    bool takes_object();
    /// True: the list is whole.
    bool page_ended(const ListHead& head, std::size_t objects, std::size_t bytes, Time now);
    /// True: the list is whole.
    bool event(const Event& event, Time now);
    void watch_ended(Time now);
    /// Nothing came for as long as patience() says.
    void silent(Time now);
    void refused(const Refusal& refusal, Time now);
    /// No connection, or one that broke, or an answer that is none.
    void failed(std::string why, Time now);
    void skipped() { ++status_.skipped; }
    void received(std::size_t bytes) { status_.bytes += bytes; }

    /// How long the next byte or event may take to come; before the head of the answer and behind it.
    Clock::duration patience() const;

    const WatcherStatus& status() const { return status_; }

  private:
    using State = WatcherStatus::State;
    std::string query_of_list();
    std::string query_of_watch(bool with_list);
    bool lists_by_watch() const;
    bool list_is_whole(std::string version, Time now);
    void expired(const Refusal& refusal, Time now);
    void list_anew();
    void retry(Time now, Clock::duration at_least = {});
    void count_error();
    double between(double low, double high);

    const WatcherOptions options_;
    bool& watch_list_;
    std::minstd_rand random_;
    WatcherStatus status_;

    Do doing_ = Do::wait;
    bool accepted_ = false;    // the step under way
    std::string version_;      // to watch from; empty: a list comes first
    std::string next_;         // of the list under way: where its next page begins
    std::size_t limit_;        // objects a page
    std::size_t objects_ = 0;  // of the list so far
    bool whole_ = false;       // the next list is asked for in one page
    bool plain_list_ = false;  // this resource cannot be watched before it is listed
    unsigned restarts_ = 0;    // lists that expired on the way, or versions without an event between
    unsigned silences_ = 0;    // watches that told nothing, one after the other
    unsigned failures_ = 0;    // one after the other
    bool told_ = false;        // this watch has told something
    Time began_{};
    std::optional<Time> not_before_;
};

}  // namespace pifleet::kubernetes
