#include "forwarder/scrape/scrape_cache.hpp"

#include <limits>
#include <utility>

namespace pifleet::forwarder {

ScrapeCache::ScrapeCache(SeriesTable& series, PageLabels labels)
    : series_(series), labels_(std::move(labels)), added_(series.acquire_added(labels_.added)) {}

void ScrapeCache::begin() {
    last_ = none;
    round_ = series_.new_round();
    for (auto& entry : entries_) entry.seen = entry.fresh = entry.ends = false;
}

std::string_view ScrapeCache::text(Number number) const {
    const auto& entry = entries_[number];
    return entry.own ? texts_.at(number) : series_.page_text(entry.id, added_);
}

std::string_view ScrapeCache::expected() const {
    const Number next = last_ == none ? begin_ : entries_[last_].next;
    return next == none || !entries_[next].used ? std::string_view{} : text(next);
}

Result<ScrapeCache::Found> ScrapeCache::find(std::string_view text) {
    Number number = last_ == none ? begin_ : entries_[last_].next;
    bool fresh = false;
    if (number == none || !entries_[number].used || this->text(number) != text) {
        const auto hash = hash_bytes(text);
        number = index_.find(hash, [&](Number n) { return this->text(n) == text; });
        if (number == IndexTable::none) {
            const auto id = resolve(text);
            if (!id) return id.error();
            if (entries_.size() == none && free_.empty()) return failure("too many series");
            number = make(text, *id);
            index_.insert(hash, number, [this](Number n) { return hash_bytes(this->text(n)); });
            fresh = true;
        }
        if (last_ == none)
            begin_ = number;
        else
            entries_[last_].next = number & none;
    }
    auto& entry = entries_[number];
    const bool dropped = entry.id == IndexTable::none;
    const bool again = !dropped && !series_.first_sight(entry.id, round_);
    if (!entry.seen) entry.ends = !dropped;
    entry.seen = true;
    last_ = number;
    return Found{entry.id, fresh, again, dropped};
}

ScrapeCache::Order ScrapeCache::note_time(std::int64_t time_ms, bool ends) {
    constexpr auto never = std::numeric_limits<std::int64_t>::min();
    entries_[last_].ends = ends;
    if (last_ >= times_.size()) times_.resize(last_ + std::size_t{1}, never);
    auto& newest = times_[last_];
    if (time_ms <= newest) return time_ms == newest ? Order::same : Order::older;
    newest = time_ms;
    return Order::newer;
}

Result<SeriesId> ScrapeCache::resolve(std::string_view text) {
    const auto labels = final_labels(text, labels_);
    if (!labels) return labels.error();
    if (!*labels) return IndexTable::none;
    std::vector<metrics::Label> views;
    for (const auto& [name, value] : **labels) views.push_back({name, value});
    return series_.acquire(views, text, added_);
}

ScrapeCache::Number ScrapeCache::make(std::string_view text, SeriesId id) {
    Number number;
    if (free_.empty()) {
        number = static_cast<Number>(entries_.size());
        entries_.emplace_back();
    } else {
        number = free_.back();
        free_.pop_back();
    }
    auto& entry = entries_[number];
    entry.id = id;
    entry.used = entry.fresh = true;
    entry.own = id == IndexTable::none || series_.page_text(id, added_) != text;
    if (entry.own) texts_.put(number, text);
    if (number < times_.size()) times_[number] = std::numeric_limits<std::int64_t>::min();
    return number;
}

void ScrapeCache::forget(Number number, std::uint64_t mark) {
    auto& entry = entries_[number];
    index_.erase(hash_bytes(text(number)), number);
    if (entry.own) texts_.remove(number);
    if (entry.id != IndexTable::none) series_.release(entry.id, mark);
    const Number next = entry.next;
    entry = Entry{};
    entry.next = next & none;  // the chain leads on over a freed entry until the next scrape mends it
    free_.push_back(number);
}

void ScrapeCache::release_all(std::uint64_t mark) {
    for (Number n = 0; n < entries_.size(); ++n)
        if (entries_[n].used) forget(n, mark);
    begin_ = none;
    series_.release_added(std::exchange(added_, 0));
}

}  // namespace pifleet::forwarder
