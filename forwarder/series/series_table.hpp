// Every label set, stored once, by number. A series is one byte string: its labels sorted by name, each as
// length, name, length, value (lengths as varints). Whoever keeps a number holds a use of it; a series
// without uses stays readable until sweep() is told that no queued sample can mention it any more.
#pragma once

#include "common/base/index_table.hpp"
#include "common/metrics/model.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

using SeriesId = std::uint32_t;

/// Walks the labels of a series in its stored form.
class LabelReader {
  public:
    explicit LabelReader(std::string_view bytes) : rest_(bytes) {}
    /// The next label, by name in byte order; false at the end. Views live as long as the series.
    bool next(metrics::Label& label) {
        if (rest_.empty()) return false;
        label.name = take();
        label.value = take();
        return true;
    }

  private:
    std::string_view take() {  // in the header: the encoder calls it for every label of every series it sends
        std::size_t length = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        if (length >= 0x80) length = long_length(length & 0x7f);
        const auto text = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return text;
    }
    std::size_t long_length(std::size_t low);
    std::string_view rest_;
};

class SeriesTable {
  public:
    /// The number of the label set, with one more use. `labels` must be sorted by name, names unique.
    SeriesId acquire(metrics::Labels labels);

    /// The same for labels in the stored form, which must be well formed.
    SeriesId acquire_stored(std::string_view bytes);
    /// Whether any bytes, from a file say, are a label set in the stored form.
    static bool well_formed(std::string_view bytes);

    /// One more use of a series that is there.
    void hold(SeriesId id) { ++entries_[id].uses; }

    /// One use less. `mark` is the log's end: once everything before it is gone, nothing mentions the series.
    /// Without a mark: no queued sample mentions it for the sake of this use.
    void release(SeriesId id, std::uint64_t mark = 0);

    /// Frees the unused series whose mark is not beyond `mark`; their numbers are given out again.
    void sweep(std::uint64_t mark);

    LabelReader labels(SeriesId id) const { return LabelReader(entries_[id].bytes); }
    std::string_view bytes(SeriesId id) const { return entries_[id].bytes; }  // the stored form

    std::size_t size() const { return index_.size(); }

  private:
    struct Entry {
        std::string bytes;
        std::uint64_t mark = 0;  // the highest of its releases
        std::uint32_t uses = 0;
        bool retiring = false;  // stands in retired_
    };
    struct Retired {
        std::uint64_t mark;
        SeriesId id;
    };
    std::vector<Entry> entries_;
    std::vector<SeriesId> free_;
    std::deque<Retired> retired_;  // nearly by mark: a low one behind a high one waits for it
    IndexTable index_;
    std::string key_;  // kept for its room
};

}  // namespace pifleet::forwarder
