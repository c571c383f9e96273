// The series of one target's page: from a series as it stands on the page to its number. Entries are chained
// in the order in which the page had them last time, so an unchanged page is followed by comparing bytes and
// nothing else. The text of most series is the one that the table keeps; a text of which another series came
// (by relabeling, by a clash of labels) or none is kept here.
#pragma once

#include "common/base/byte_store.hpp"
#include "common/base/index_table.hpp"
#include "common/base/result.hpp"
#include "forwarder/scrape/page_labels.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

class ScrapeCache {
  public:
    /// The table must outlive the cache, which holds a use of each of its series.
    ScrapeCache(SeriesTable& series, PageLabels labels);
    ScrapeCache(const ScrapeCache&) = delete;
    ScrapeCache& operator=(const ScrapeCache&) = delete;

    /// A scrape begins. Everything found from here on counts as seen by it.
    void begin();

    /// What followed last time on the entry that was found last; empty when nothing is known. The view lives
    /// until the next call.
    std::string_view expected() const;

    struct Found {
        SeriesId id;
        bool fresh;    // seen for the first time ever
        bool again;    // the series stood on this page before, in these words or in others
        bool dropped;  // by a rule: there is no series
    };
    /// The series with this text, made known if it is new. The error says what is wrong with the text.
    Result<Found> find(std::string_view text);

    enum class Order { newer, same, older };
    /// The series found last came with a time of its own. Says how that lies to its last one: only a newer
    /// one is worth anything. `ends`: the series gets a stale marker when it goes; without, it ends silently,
    /// as in Prometheus, for its next sample may be older than now.
    Order note_time(std::int64_t time_ms, bool ends);

    /// The scrape ended well: calls `gone(id)` for each series that the scrape before had and this one has
    /// not, then forgets those. `mark`: the log's end once the caller's samples are in it.
    template <class Gone>
    void commit(std::uint64_t mark, const Gone& gone) {
        for (Number n = 0; n < entries_.size(); ++n) {
            auto& entry = entries_[n];
            if (!entry.used) continue;
            if (entry.seen) {
                entry.live = entry.ends;
                continue;
            }
            if (entry.live && series_.first_sight(entry.id, round_)) gone(entry.id);
            forget(n, mark);
        }
        texts_.tidy();
    }

    /// The scrape failed: what it made known is forgotten; `gone(id)` is called for every series that was
    /// alive.
    template <class Gone>
    void fail(std::uint64_t mark, const Gone& gone) {
        round_ = series_.new_round();
        for (Number n = 0; n < entries_.size(); ++n) {
            auto& entry = entries_[n];
            if (!entry.used) continue;
            if (entry.live && series_.first_sight(entry.id, round_)) gone(entry.id);
            entry.live = false;
            if (entry.fresh) forget(n, mark);
        }
    }

    /// Gives the table back its series and the added labels.
    void release_all(std::uint64_t mark);

    std::size_t size() const { return index_.size(); }  // with those that rules drop

    /// Calls `each(text)` for every series as it stands on the page.
    template <class Each>
    void for_each_text(const Each& each) const {
        for (Number n = 0; n < entries_.size(); ++n)
            if (entries_[n].used) each(text(n));
    }

  private:
    using Number = IndexTable::Number;
    static constexpr unsigned number_bits = 26;
    static constexpr Number none = (1u << number_bits) - 1;
    struct Entry {
        SeriesId id = IndexTable::none;  // none: a rule drops it
        Number next : number_bits = none;
        bool used : 1 = false;
        bool seen : 1 = false;   // by this scrape
        bool fresh : 1 = false;  // this scrape made it known
        bool live : 1 = false;   // the last good scrape had it: its end must be told
        bool ends : 1 = false;   // this scrape has it, and its end will have to be told
        bool own : 1 = false;    // the text is in texts_
    };
    std::string_view text(Number number) const;
    Number make(std::string_view text, SeriesId id);
    void forget(Number number, std::uint64_t mark);
    Result<SeriesId> resolve(std::string_view text);

    SeriesTable& series_;
    PageLabels labels_;
    SeriesTable::AddedId added_;
    std::vector<Entry> entries_;
    std::vector<Number> free_;
    ByteStore texts_;
    std::vector<std::int64_t> times_;  // by entry, the newest of its own; as long as there was need
    IndexTable index_;                 // by text
    Number last_ = none;               // the entry found last
    Number begin_ = none;              // the page's first
    std::uint32_t round_ = 0;          // of the table's sightings: this scrape's
};

}  // namespace pifleet::forwarder
