// What was read and is not yet acknowledged: one log, many readers. A record is one scrape, immutable once
// appended. Each backend reads at its own cursor; a record goes when all readers have passed it, or, oldest
// first and counted, when the log would grow over its cap. In memory only: a stop of the program loses what
// is in it.
#pragma once

#include "forwarder/series/series_table.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace pifleet::forwarder {

struct Sample {
    std::uint64_t value_bits;  // the double's bits: a stale marker must survive
    std::int64_t time_ms;      // since the epoch
    SeriesId series;
};

struct Record {
    std::vector<Sample> samples;
};

/// A place in the log: the next sample to read.
struct Cursor {
    std::uint64_t record = 0;  // counted from the first one ever appended
    std::size_t sample = 0;    // within it
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

class SampleLog {
  public:
    using ReaderId = std::uint32_t;

    explicit SampleLog(std::size_t cap_bytes) : cap_bytes_(cap_bytes) {}

    void append(Record record);

    /// A reader that begins at the log's end: it is owed what comes from now on.
    ReaderId open_reader();
    void close_reader(ReaderId id);

    /// Copies up to `most` samples from the reader's cursor into `into`; gives the cursor behind them. The
    /// reader does not move.
    Cursor read(ReaderId id, std::size_t most, std::vector<Sample>& into) const;

    /// The reader has done with everything before `to`. A cursor that lies behind the log's beginning by now
    /// (the cap took it) is harmless.
    void advance(ReaderId id, Cursor to);

    /// Samples that the reader has still to read, and those that the cap took away from it, unread.
    std::uint64_t waiting(ReaderId id) const;
    std::uint64_t lost(ReaderId id) const;

    /// The newest record's number plus one, and the number of the oldest one that is kept.
    std::uint64_t end() const { return first_ + records_.size(); }
    std::uint64_t begin() const { return first_; }
    std::size_t bytes() const { return bytes_; }
    std::size_t cap_bytes() const { return cap_bytes_; }

  private:
    struct Reader {
        Cursor at;
        std::uint64_t waiting = 0;
        std::uint64_t lost = 0;
    };
    void drop_passed();
    void drop_oldest();
    static std::size_t size_of(const Record& record);

    std::size_t cap_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t first_ = 0;  // the number of records_.front()
    std::deque<Record> records_;
    std::map<ReaderId, Reader> readers_;
    ReaderId next_reader_ = 0;
};

}  // namespace pifleet::forwarder
