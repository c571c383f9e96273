// Every label set, stored once, by number. A series is one byte string: the text of a page where that says it
// all, else its labels in the stored form (label_reader.hpp). Whoever keeps a number holds a use of it; a
// series without uses stays readable until sweep() is told that no queued sample can mention it any more.
//
// Views of labels live until the series goes or the next acquire or sweep().
#pragma once

#include "common/base/byte_store.hpp"
#include "common/base/index_table.hpp"
#include "common/metrics/model.hpp"
#include "forwarder/series/label_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

using SeriesId = std::uint32_t;

class SeriesTable {
  public:
    /// Labels that a target adds to its page's series, by number from 1 on, with one more use.
    using AddedId = std::uint32_t;
    AddedId acquire_added(const LabelPairs& labels);
    void release_added(AddedId id);

    /// The number of the label set, with one more use. `labels` must be sorted by name, names unique.
    SeriesId acquire(metrics::Labels labels);
    /// The same, and a hint: it is what this text of a page and these added labels read as.
    SeriesId acquire(metrics::Labels labels, std::string_view page, AddedId added);
    /// The same for labels in the stored form, which must be well formed.
    SeriesId acquire_stored(std::string_view bytes);

    /// One more use of a series that is there.
    void hold(SeriesId id) { ++entries_[id].uses; }

    /// One use less. `mark` is the log's end: once everything before it is gone, nothing mentions the series.
    /// Without a mark: no queued sample mentions it for the sake of this use.
    void release(SeriesId id, std::uint64_t mark = 0);

    /// Frees the unused series whose mark is not beyond `mark`; their numbers are given out again.
    void sweep(std::uint64_t mark);

    /// Sightings: whether this is the first call for the series with this round's number.
    std::uint32_t new_round() { return ++round_; }
    bool first_sight(SeriesId id, std::uint32_t round) {
        return std::exchange(entries_[id].round, round) != round;
    }

    LabelReader labels(SeriesId id) const;
    /// Appends the labels in the stored form.
    void append_stored(std::string& out, SeriesId id) const;
    /// The page's text, if the series is kept as one with these added labels; else empty.
    std::string_view page_text(SeriesId id, AddedId added) const;

    /// Another one whenever a number is given to another series: for what is kept by number elsewhere.
    std::uint32_t generation(SeriesId id) const { return entries_[id].generation; }

    std::size_t size() const { return index_.size(); }

  private:
    struct Entry {
        std::uint32_t uses : 31 = 0;
        std::uint32_t retiring : 1 = 0;  // it stands in retired_
        std::uint32_t round = 0;         // of its last sighting
        std::uint32_t generation = 0;
    };
    struct Retired {
        std::uint64_t mark;
        SeriesId id;
    };
    struct Added {
        LabelPairs labels;
        std::uint32_t uses = 0;
    };
    // What the store has of a series: 0 and the stored form, or the number of added labels and a page's text.
    struct Form {
        AddedId added;
        std::string_view text;
    };
    Form form(SeriesId id) const;
    void put(SeriesId id, const Form& form);
    void remove(SeriesId id);
    SeriesId find(std::uint64_t hash, metrics::Labels labels) const;
    SeriesId enter(std::uint64_t hash, const Form& form);

    ByteStore store_;
    std::vector<Entry> entries_;
    std::vector<SeriesId> free_;
    std::vector<Added> added_;     // [0] is none
    std::deque<Retired> retired_;  // nearly by mark: a low one behind a high one waits for it
    std::unordered_map<SeriesId, std::uint64_t> later_;  // marks of later releases of what is retiring
    IndexTable index_;                                   // by labels
    std::string key_;                                    // kept for its room
    std::uint32_t round_ = 0;
};

}  // namespace pifleet::forwarder
