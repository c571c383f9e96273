// The series of one target's page: from a series as it stands on the page to its number. Entries are chained
// in the order in which the page had them last time, so an unchanged page is followed by comparing bytes and
// nothing else.
#pragma once

#include "common/base/index_table.hpp"
#include "common/base/result.hpp"
#include "forwarder/config/config.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// Which labels a target adds, and who wins when the page has one of the same name.
struct TargetLabels {
    Pairs labels;        // sorted by name
    bool honor = false;  // the page's wins; otherwise it is kept as exported_NAME
};

class ScrapeCache {
  public:
    /// The table must outlive the cache, which holds a use of each of its series.
    ScrapeCache(SeriesTable& series, TargetLabels labels);
    ScrapeCache(const ScrapeCache&) = delete;
    ScrapeCache& operator=(const ScrapeCache&) = delete;

    /// A scrape begins. Everything found from here on counts as seen by it.
    void begin();

    /// What followed last time on the entry that was found last; empty when nothing is known.
    std::string_view expected() const;

    struct Found {
        SeriesId id;
        bool fresh;      // seen for the first time ever
        bool duplicate;  // stood on this page before
    };
    /// The series with this text, made known if it is new. The error says what is wrong with the text.
    Result<Found> find(std::string_view text);

    /// Whether the series found last came with a timestamp of its own. Such a series ends without a stale
    /// marker, as in Prometheus: its next sample may be older than now.
    void mark_timed(bool timed) { entries_[last_].timed = timed; }

    /// The scrape ended well: calls `gone(id)` for each series that the scrape before had and this one has
    /// not, then forgets those. `mark`: the log's end once the caller's samples are in it.
    template <class Gone>
    void commit(std::uint64_t mark, const Gone& gone) {
        for (Number n = 0; n < entries_.size(); ++n) {
            if (entries_[n].text.empty() || entries_[n].seen == scrape_) continue;
            if (entries_[n].live) gone(entries_[n].id);
            forget(n, mark);
        }
        for (auto& entry : entries_) entry.live = !entry.text.empty() && !entry.timed;
    }

    /// The scrape failed: what it made known is forgotten; `gone(id)` is called for every series that was
    /// alive.
    template <class Gone>
    void fail(std::uint64_t mark, const Gone& gone) {
        for (Number n = 0; n < entries_.size(); ++n) {
            if (entries_[n].text.empty()) continue;
            if (entries_[n].live)
                gone(entries_[n].id);
            else if (entries_[n].first == scrape_)
                forget(n, mark);
            entries_[n].live = false;
        }
    }

    /// Gives the table back its series.
    void release_all(std::uint64_t mark);

    std::size_t size() const { return index_.size(); }

  private:
    using Number = IndexTable::Number;
    struct Entry {
        std::string text;  // empty: a free entry
        SeriesId id = 0;
        Number next = IndexTable::none;
        std::uint32_t seen = 0;   // the last scrape that had it
        std::uint32_t first = 0;  // the scrape that made it known
        bool live = false;        // the last good scrape had it: its end must be told
        bool timed = false;       // the page gives it timestamps of its own
    };
    Result<SeriesId> resolve(std::string_view text);
    void forget(Number number, std::uint64_t mark);

    SeriesTable& series_;
    TargetLabels labels_;
    std::vector<Entry> entries_;
    std::vector<Number> free_;
    IndexTable index_;
    Number last_ = IndexTable::none;   // the entry found last
    Number begin_ = IndexTable::none;  // the page's first
    std::uint32_t scrape_ = 0;
};

}  // namespace pifleet::forwarder
