// What was read and is not yet acknowledged: one log, many readers, each at its own cursor. Samples are
// numbered from the first one ever appended. The newest records (a record is one scrape) are in memory, and
// while every reader keeps up that is all. Once a reader fails or lags, or at a stop, records are written to
// the store (a folder, if there is one) before anything else happens to them, and leave memory as soon as no
// reader that keeps up needs them there.
//
// A sample goes when all readers have passed it, or, oldest first and counted, when the caps of memory or
// disk are reached. A reader has a name and finds its place by it after a restart. A name that is not known
// starts at the log's end; a backend that is renamed is a new one, and what waited for the old name is
// dropped by forget_others(), counted and logged.
#pragma once

#include "forwarder/sample_log/pack.hpp"
#include "forwarder/sample_log/sample.hpp"
#include "forwarder/sample_log/store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// A place in the log: the number of the next sample to read.
struct Cursor {
    std::uint64_t sample = 0;
    friend bool operator==(const Cursor&, const Cursor&) = default;
};

class SampleLog {
  public:
    using ReaderId = std::uint32_t;
    using Clock = std::chrono::steady_clock;
    using Now = std::function<Clock::time_point()>;

    /// A reader that has not taken a record this long after it could have is behind.
    static constexpr std::chrono::seconds lag{10};

    /// `cap_bytes`: what may wait in memory. `series`: where the numbers of samples under way are held, so
    /// that they stay readable until acknowledged; without it (in tests that make numbers up) none are.
    explicit SampleLog(std::size_t cap_bytes, SeriesTable* series = nullptr, Now now = Clock::now);
    ~SampleLog();

    /// From now on what waits is written here when it must be; what the store has is read first. Once, before
    /// readers.
    void keep_in(std::unique_ptr<Store> store);

    void append(Record record);

    /// A reader under this name: at its place of before a restart, or at that of an open reader of this name,
    /// else at the log's end. `patience`: how long it lets samples wait by itself before it reads them.
    ReaderId open_reader(const std::string& name, std::chrono::milliseconds patience = {});
    /// The log owes it nothing any more, unless another of its name is open or begin_stop() was called.
    void close_reader(ReaderId id);
    /// Drops the places of readers of former processes that have not been opened.
    void forget_others();

    /// Where the reader stands.
    Cursor place(ReaderId id) const { return {reader(id).at}; }

    /// Copies up to `most` samples from the reader's cursor into `into`; gives the cursor behind them. The
    /// reader does not move. It may give none although some wait: then those turned out to be unreadable, and
    /// are counted.
    Cursor read(ReaderId id, std::size_t most, std::vector<Sample>& into);

    /// The reader has done with everything before `to`. A cursor that lies behind the log's beginning by now
    /// (the cap took it) is harmless.
    void advance(ReaderId id, Cursor to);

    /// Its last attempt failed, or did not.
    void set_failing(ReaderId id, bool failing);

    /// Does what is due by time: about every second or two.
    void tick();

    /// From here on readers that close keep their place. finish() then writes whatever some of them have not
    /// taken.
    void begin_stop() { stopping_ = true; }
    void finish();

    /// Samples that the reader has still to read, and those that were taken away from it, unread.
    std::uint64_t waiting(ReaderId id) const;
    std::uint64_t lost(ReaderId id) const { return reader(id).lost; }

    /// The newest record's number plus one, and that of the oldest one in memory: marks for the table of
    /// series.
    std::uint64_t end() const { return first_record_ + blocks_.size(); }
    std::uint64_t begin() const { return first_record_; }
    std::size_t bytes() const { return bytes_; }
    std::size_t cap_bytes() const { return cap_bytes_; }
    std::uint64_t disk_bytes() const { return store_ ? store_->bytes() : 0; }
    /// The time of the newest sample on the disk; 0: none is.
    std::int64_t newest_ms() const { return store_ ? store_->newest_ms() : 0; }
    bool durable() const { return store_ != nullptr; }
    bool spilling() const { return spilling_; }

  private:
    struct Block {
        std::uint64_t first = 0;
        std::size_t count = 0;
        Clock::time_point since;
        Record record;  // or
        std::string packed;
        std::size_t columns = 0;  // bytes of what was packed
        std::uint64_t end() const { return first + count; }
        std::size_t bytes() const { return sizeof(Block) + record.bytes() + packed.capacity(); }
    };
    struct Reader {
        std::string name;
        unsigned users = 0;
        std::uint64_t at = 0;
        std::uint64_t lost = 0;
        std::chrono::milliseconds patience{};
        bool failing = false;
        std::vector<SeriesId> held;  // of the samples read last
        std::uint64_t segment = 0;   // that it reads, by its first number
        std::unique_ptr<SegmentReader> reading;
    };
    const Reader& reader(ReaderId id) const { return *readers_.at(by_id_.at(id)); }
    Reader& reader(ReaderId id) { return *readers_.at(by_id_.at(id)); }
    std::uint64_t memory_first() const { return blocks_.empty() ? end_ : blocks_.front().first; }
    std::uint64_t passed_by_all() const;
    Places places() const;
    std::size_t block_at(std::uint64_t sample) const;
    std::uint64_t read_memory(std::uint64_t at, std::size_t most, std::vector<Sample>& into);
    std::uint64_t read_store(Reader& reader, std::uint64_t at, std::size_t most, std::vector<Sample>& into);
    const SegmentReader::Part* find(Reader& reader, Range segment, std::uint64_t sample);
    void hold(Reader& reader, const std::vector<Sample>& samples, std::size_t from);
    void let_go(Reader& reader);
    std::uint64_t lose(std::uint64_t from, std::uint64_t to);  // how many of them were not known to be gone

    // What follows an event (spill.cpp).
    void settle();
    bool must_spill() const;
    void write_waiting();
    void trim();
    void drop_passed();
    void pop_block();
    void pack(Block& block);
    void unpack(const Block& block, std::vector<Sample>& into);

    std::size_t cap_bytes_;
    SeriesTable* series_;
    Now now_;
    std::unique_ptr<Store> store_;
    Compressor compressor_;
    std::size_t bytes_ = 0;
    std::uint64_t first_record_ = 0;  // the number of blocks_.front()
    std::uint64_t end_ = 0;           // the number of the next sample
    std::uint64_t written_ = 0;       // every sample in memory below this is in the store too
    std::size_t packed_ = 0;          // so many blocks at the front are packed
    std::deque<Block> blocks_;
    std::map<std::string, std::unique_ptr<Reader>> readers_;
    std::map<ReaderId, std::string> by_id_;
    ReaderId next_reader_ = 0;
    Places former_;                                // readers of former processes, not opened yet
    std::map<std::uint64_t, std::uint64_t> gone_;  // samples lost amid others: from, to
    bool places_known_ = true;                     // false: what was recovered is owed to every reader,
    std::uint64_t recovered_ = 0;                  // from this sample on
    bool spilling_ = false, stopping_ = false;
};

}  // namespace pifleet::forwarder
