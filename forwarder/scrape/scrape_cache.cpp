#include "forwarder/scrape/scrape_cache.hpp"

#include "common/metrics/parser.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

ScrapeCache::ScrapeCache(SeriesTable& series, TargetLabels labels)
    : series_(series), labels_(std::move(labels)) {}

void ScrapeCache::begin() {
    ++scrape_;
    last_ = IndexTable::none;
}

std::string_view ScrapeCache::expected() const {
    const auto next = last_ == IndexTable::none ? begin_ : entries_[last_].next;
    return next == IndexTable::none ? std::string_view{} : std::string_view(entries_[next].text);
}

Result<ScrapeCache::Found> ScrapeCache::find(std::string_view text) {
    auto& link = last_ == IndexTable::none ? begin_ : entries_[last_].next;
    auto number = link;
    bool fresh = false;
    if (number == IndexTable::none || entries_[number].text != text) {
        const auto hash = hash_bytes(text);
        number = index_.find(hash, [&](Number n) { return entries_[n].text == text; });
        if (number == IndexTable::none) {
            auto id = resolve(text);
            if (!id) return id.error();
            const auto before = last_;
            if (free_.empty()) {
                number = static_cast<Number>(entries_.size());
                entries_.emplace_back();  // may move the entries, and with them what `link` refers to
            } else {
                number = free_.back();
                free_.pop_back();
            }
            auto& entry = entries_[number];
            entry.text.assign(text);
            entry.id = *id;
            entry.first = scrape_;
            index_.insert(hash, number, [this](Number n) { return hash_bytes(entries_[n].text); });
            fresh = true;
            (before == IndexTable::none ? begin_ : entries_[before].next) = number;
        } else {
            link = number;
        }
    }
    auto& entry = entries_[number];
    const bool duplicate = entry.seen == scrape_;
    entry.seen = scrape_;
    last_ = number;
    return Found{entry.id, fresh, duplicate};
}

// From the page's text to the series: the target's labels are added, a clash is settled, empty values go.
Result<SeriesId> ScrapeCache::resolve(std::string_view text) {
    auto parsed = metrics::parse_series(text);
    if (!parsed) return failure(parsed.error().message + ": " + std::string(text.substr(0, 100)));
    auto& own = *parsed;
    std::erase_if(own, [](const auto& label) { return label.value.empty(); });
    const auto has = [&own](std::string_view name) {
        return std::find_if(own.begin(), own.end(), [name](const auto& label) { return label.name == name; });
    };
    for (const auto& [name, value] : labels_.labels) {
        const auto clash = has(name);
        if (clash == own.end()) {
            own.push_back({name, value});
        } else if (!labels_.honor) {
            std::string other = "exported_" + name;
            while (has(other) != own.end()) other = "exported_" + other;
            auto kept = std::exchange(clash->value, value);
            own.push_back({std::move(other), std::move(kept)});
        }
    }
    std::sort(own.begin(), own.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    std::vector<metrics::Label> views;
    for (const auto& label : own) views.push_back({label.name, label.value});
    return series_.acquire(views);
}

void ScrapeCache::forget(Number number, std::uint64_t mark) {
    auto& entry = entries_[number];
    series_.release(entry.id, mark);
    index_.erase(hash_bytes(entry.text), number);
    const auto next = entry.next;
    entry = Entry{};
    entry.next = next;  // the chain leads on over a freed entry until the next scrape mends it
    free_.push_back(number);
}

void ScrapeCache::release_all(std::uint64_t mark) {
    for (Number n = 0; n < entries_.size(); ++n)
        if (!entries_[n].text.empty()) forget(n, mark);
    begin_ = IndexTable::none;
}

}  // namespace pifleet::forwarder
