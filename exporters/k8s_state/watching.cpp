#include "exporters/k8s_state/watching.hpp"

#include "common/config/values.hpp"
#include "common/process/log.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::k8s {

using kubernetes::WatcherStatus;
using State = WatcherStatus::State;

struct Watching::List {
    List(kubernetes::WatcherOptions o, Feed& feed, Store::Source s, Clock::time_point now)
        : options(std::move(o)), source(s), sink(feed, s), good(now) {}

    const kubernetes::WatcherOptions options;
    const Store::Source source;
    FeedSink sink;
    std::unique_ptr<Watch> watch;  // before the sink it fills
    Clock::time_point good;        // when it last worked
    bool stale = false;
    WatcherStatus before;  // counters of the watches before this one
};

struct Watching::Kind {
    std::shared_ptr<Feed> feed;
    std::vector<std::unique_ptr<List>> lists;
};

namespace {

void add_counters(WatcherStatus& sum, const WatcherStatus& other) {
    sum.lists += other.lists;
    sum.list_errors += other.list_errors;
    sum.watches += other.watches;
    sum.watch_errors += other.watch_errors;
    sum.events += other.events;
    sum.expired += other.expired;
    sum.skipped += other.skipped;
    sum.bytes += other.bytes;
}

bool refused(State state) {
    return state == State::missing || state == State::forbidden;
}

std::string reason(const WatcherStatus& status) {
    if (status.state == State::missing) return "the API server has no such resource";
    if (status.state == State::forbidden) return "may not be read: " + status.error;
    return status.error.empty() ? "the API server has not answered" : status.error;
}

}  // namespace

Watching::Watching(
    Plan plan, Shard shard, std::chrono::milliseconds stale_after, MakeWatch make, Clock::time_point now)
    : stale_after_(stale_after), make_(std::move(make)) {
    for (auto& each : plan.kinds) {
        auto kind = std::make_unique<Kind>();
        kind->feed = std::make_shared<Feed>(*each.kind, std::move(each.render), shard, each.owner);
        for (auto& watch : each.watches)
            kind->lists.push_back(std::make_unique<List>(
                std::move(watch), *kind->feed, static_cast<Store::Source>(kind->lists.size()), now));
        shown_.push_back(kind->feed);
        kinds_.push_back(std::move(kind));
    }
    for (auto& kind : kinds_) {
        for (auto& list : kind->lists) start(*list);
        look(*kind, now);
    }
}

Watching::~Watching() = default;

void Watching::start(List& list) {
    list.watch = make_(list.options, list.sink);
}

void Watching::look(Clock::time_point now) {
    for (auto& kind : kinds_) look(*kind, now);
}

void Watching::look(Kind& kind, Clock::time_point now) {
    bool any_listed = false, any_fresh = false;
    for (auto& list : kind.lists) {
        look(kind, *list, now);
        any_listed |= list->watch->status().listed;
        any_fresh |= !list->stale;
    }
    const auto& first = *kind.lists.front();
    if (any_listed && any_fresh) return kind.feed->set_withdrawn({});
    const auto& status = first.watch->status();
    if (any_fresh && status.error.empty() && !refused(status.state))
        return kind.feed->set_withdrawn("it has not been listed yet");
    std::string why = reason(status);
    if (!any_fresh) {
        const auto since = std::chrono::duration_cast<std::chrono::seconds>(now - first.good);
        why = "no working watch for " + config::duration_text(since) + ": " + why;
    }
    kind.feed->set_withdrawn(std::move(why));
}

void Watching::look(Kind& kind, List& list, Clock::time_point now) {
    const auto& status = list.watch->status();
    // An open watch works, however little it has to say: the watcher cuts one that is silent for too long.
    if (status.state == State::watching)
        list.good = now;
    else if (status.last_event)
        list.good = std::max(list.good, *status.last_event);
    const bool stale = now - list.good > stale_after_;
    if (stale && !list.stale) drop(kind, list, reason(status));
    if (!stale && list.stale)
        log::info("a resource is watched again",
                  {{"resource", kind.feed->kind().name}, {"path", list.options.path}});
    list.stale = stale;
}

// A new watch lists anew: the old one might go on from where it was, without what is dropped here.
void Watching::drop(Kind& kind, List& list, const std::string& why) {
    if (!list.watch->status().listed) return;
    log::warn("a resource could not be watched for too long and is taken from the page",
              {{"resource", kind.feed->kind().name}, {"path", list.options.path}, {"reason", why}});
    add_counters(list.before, list.watch->status());
    list.before.last_event = list.watch->status().last_event;
    list.watch.reset();
    kind.feed->store().clear(list.source);
    start(list);
}

std::vector<KindStatus> Watching::status() const {
    std::vector<KindStatus> out;
    for (const auto& kind : kinds_) {
        KindStatus all;
        all.resource = kind->feed->kind().name;
        all.watches = kind->lists.size();
        all.settled = true;
        for (const auto& list : kind->lists) {
            const auto& status = list->watch->status();
            all.working += status.state == State::watching;
            all.settled &= status.listed || refused(status.state);
            add_counters(all.sum, status);
            add_counters(all.sum, list->before);
            for (const auto& time : {status.last_event, list->before.last_event})
                if (time && (!all.sum.last_event || *time > *all.sum.last_event)) all.sum.last_event = time;
            if (!status.error.empty()) all.sum.error = status.error;
        }
        all.sum.skipped += kind->feed->skipped();
        all.objects = kind->feed->store().size();
        all.bytes = kind->feed->store().bytes();
        all.unchanged = kind->feed->unchanged();
        all.withdrawn = kind->feed->withdrawn();
        out.push_back(std::move(all));
    }
    return out;
}

}  // namespace pifleet::k8s
