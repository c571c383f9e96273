#include "common/kubernetes/plan.hpp"

#include "common/base/utf8.hpp"
#include "common/http/percent.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::kubernetes {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t page_bytes = 900'000;  // what a page shall stay below
constexpr std::size_t most_page_objects = 500;
constexpr auto first_backoff = 250ms;
constexpr auto most_retry_after = 60s;
constexpr auto short_watch = 1s;       // one that ends sooner and told nothing has failed
constexpr auto head_patience = 60s;    // a busy server lets requests wait in a queue
constexpr auto list_patience = 30s;    // between two pieces of a list
constexpr auto initial_patience = 6s;  // between two events of a watch-list

void add(std::string& query, std::string_view name, std::string_view value) {
    query += query.empty() ? '?' : '&';
    (query += name) += '=';
    query += http::percent_encode(value);
}

bool version_too_large(const Refusal& refusal) {
    return refusal.message.find("Too large resource version") != std::string::npos;
}

std::string in_words(const Refusal& refusal) {
    std::string out = "the API server answers " + std::to_string(refusal.status);
    if (!refusal.reason.empty()) out += ' ' + printable(refusal.reason, 60);
    if (!refusal.message.empty()) out += ": " + printable(refusal.message, 300);
    return out;
}

}  // namespace

Plan::Plan(WatcherOptions options, std::uint32_t seed, bool& watch_list)
    : options_(std::move(options)),
      watch_list_(watch_list),
      random_(seed),
      limit_(std::clamp<std::size_t>(options_.page_objects, 1, most_page_objects)) {}

double Plan::between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
}

bool Plan::lists_by_watch() const {
    return watch_list_ && !plain_list_ && options_.most_objects == 0 && next_.empty();
}

Plan::Step Plan::next(Time now) {
    if (not_before_ && *not_before_ > now) return {Do::wait, {}, *not_before_ - now, false};
    not_before_.reset();
    began_ = now;
    accepted_ = told_ = false;
    if (!version_.empty()) {
        doing_ = Do::watch;
        return {doing_, options_.path + query_of_watch(false), {}, false};
    }
    doing_ = lists_by_watch() ? Do::watch_list : Do::list;
    const bool begins = next_.empty();
    if (begins) objects_ = 0;
    auto query = doing_ == Do::list ? query_of_list() : query_of_watch(true);
    return {doing_, options_.path + query, {}, begins};
}

std::string Plan::query_of_list() {
    std::string out;
    if (!options_.field_selector.empty()) add(out, "fieldSelector", options_.field_selector);
    auto limit = limit_;
    if (options_.most_objects != 0)
        limit = std::min(limit, options_.most_objects - std::min(objects_, options_.most_objects - 1));
    if (!whole_) add(out, "limit", std::to_string(limit));
    if (!next_.empty())
        add(out, "continue", next_);
    else if (options_.from_cache)
        add(out, "resourceVersion", "0");
    return out;
}

std::string Plan::query_of_watch(bool with_list) {
    std::string out;
    add(out, "watch", "true");
    add(out, "allowWatchBookmarks", "true");
    if (!options_.field_selector.empty()) add(out, "fieldSelector", options_.field_selector);
    if (with_list) {
        add(out, "sendInitialEvents", "true");
        add(out, "resourceVersionMatch", "NotOlderThan");
    } else {
        add(out, "resourceVersion", version_);
    }
    add(out, "timeoutSeconds", std::to_string(options_.watch_for.count()));
    return out;
}

Plan::Clock::duration Plan::patience() const {
    if (doing_ == Do::list)
        return accepted_ ? Clock::duration(list_patience) : Clock::duration(head_patience);
    if (!accepted_) return std::min<Clock::duration>(head_patience, options_.silence);
    if (version_.empty()) return std::min<Clock::duration>(initial_patience, options_.silence);
    return options_.silence;
}

void Plan::accepted(Time now) {
    accepted_ = true;
    status_.error.clear();
    status_.state = doing_ == Do::watch ? State::watching : State::listing;
    if (doing_ == Do::list) return;
    ++status_.watches;
    if (doing_ == Do::watch) status_.last_event = now;
}

bool Plan::takes_object() {
    if (options_.most_objects != 0 && objects_ >= options_.most_objects) return false;
    ++objects_;
    return true;
}

bool Plan::page_ended(const ListHead& head, std::size_t objects, std::size_t bytes, Time now) {
    failures_ = 0;
    status_.last_event = now;
    if (objects != 0)
        limit_ = std::clamp<std::size_t>(
            page_bytes / std::max<std::size_t>(bytes / objects, 1), 1, most_page_objects);
    const bool enough = options_.most_objects != 0 && objects_ >= options_.most_objects;
    next_ = enough ? std::string() : head.next;
    if (!next_.empty()) return false;
    return list_is_whole(head.version, now);
}

bool Plan::list_is_whole(std::string version, Time now) {
    // Without a version (no API server does that) there is nothing to watch from: list again later.
    version_ = std::move(version);
    next_.clear();
    whole_ = false;
    status_.listed = true;
    status_.last_event = now;
    ++status_.lists;
    if (version_.empty()) failed("the list has no resourceVersion", now);
    return true;
}

bool Plan::event(const Event& event, Time now) {
    failures_ = restarts_ = silences_ = 0;
    told_ = true;
    status_.last_event = now;
    if (event.kind != Event::Kind::bookmark && !version_.empty()) ++status_.events;
    // The objects of a watch-list come in any order: only its end has a version to go on from.
    if (version_.empty() && !event.initial_end) return false;
    const bool ends_list = version_.empty();
    if (!event.version.empty()) version_ = event.version;
    if (!ends_list) return false;
    status_.state = State::watching;
    return list_is_whole(event.version, now);
}

void Plan::watch_ended(Time now) {
    if (version_.empty()) return failed("the list by watching ended before it was whole", now);
    if (!told_ && now - began_ < short_watch)
        return failed("the watch was ended at once by the API server", now);
    failures_ = 0;
    if (!told_ && ++silences_ >= 2) list_anew();
}

void Plan::silent(Time now) {
    count_error();
    if (doing_ == Do::watch_list && version_.empty() && accepted_) {
        watch_list_ = false;  // it took the request and does not know what was meant
        return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience()).count();
    status_.error = "nothing was heard for " + std::to_string(seconds) + " s";
    if (doing_ == Do::list || !accepted_) {
        status_.state = State::waiting;
        return retry(now);
    }
    // A version that the server has yet to reach, after its data came from a backup, is silence as well.
    if (++silences_ >= 2) list_anew();
}

void Plan::refused(const Refusal& refusal, Time now) {
    const bool expiry = refusal.status == 410 || refusal.reason == "Expired" || refusal.reason == "Gone";
    if (expiry) return expired(refusal, now);
    if (doing_ == Do::watch_list && refusal.status >= 400 && refusal.status < 500 && refusal.status != 401 &&
        refusal.status != 429) {
        // Whether the resource can be read at all is for the plain list to say.
        (refusal.status == 403 || refusal.status == 404) ? plain_list_ = true : watch_list_ = false;
        return;
    }
    count_error();
    status_.error = in_words(refusal);
    if (refusal.status == 404 || refusal.status == 403) {
        status_.state = refusal.status == 404 ? State::missing : State::forbidden;
        list_anew();
        not_before_ = now + std::chrono::duration_cast<Clock::duration>(options_.missing * between(0.9, 1.1));
        return;
    }
    status_.state = State::waiting;
    const bool busy = refusal.status == 429 || refusal.status == 401 || refusal.status >= 501;
    if (version_too_large(refusal) || (doing_ == Do::watch && !busy)) list_anew();
    retry(now, std::min<Clock::duration>(refusal.retry_after.value_or(0s), most_retry_after));
}

void Plan::expired(const Refusal& refusal, Time now) {
    ++status_.expired;
    status_.error = in_words(refusal);
    // Twice in a row: the list takes longer than the server keeps its past. In one page it cannot expire.
    whole_ = doing_ == Do::list && restarts_ >= 1;
    list_anew();
    if (restarts_ != 0) {
        failures_ = std::max(failures_, restarts_ - 1);
        retry(now);
    }
    ++restarts_;
}

void Plan::failed(std::string why, Time now) {
    count_error();
    status_.error = std::move(why);
    status_.state = State::waiting;
    retry(now);
}

void Plan::list_anew() {
    version_.clear();
    next_.clear();
}

void Plan::count_error() {
    ++(doing_ == Do::list || version_.empty() ? status_.list_errors : status_.watch_errors);
}

// Counted from when the attempt began: one that waited for a dead host need not wait again.
void Plan::retry(Time now, Clock::duration at_least) {
    const auto doubled = first_backoff * (1U << std::min(failures_++, 10U));
    const auto most = std::min<std::chrono::milliseconds>(doubled, options_.backoff);
    const auto wait = std::chrono::duration_cast<Clock::duration>(most * between(0.5, 0.9));
    not_before_ = std::max(began_ + wait, now + std::max<Clock::duration>(at_least, first_backoff / 5));
}

}  // namespace pifleet::kubernetes
