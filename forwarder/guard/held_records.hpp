// Records that wait for the clock, oldest first, in bounded memory: beyond the cap the oldest go, counted.
#pragma once

#include "forwarder/guard/clock_guard.hpp"
#include "forwarder/sample_log/sample_log.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

class HeldRecords {
  public:
    explicit HeldRecords(std::size_t cap_bytes) : cap_bytes_(cap_bytes) {}

    void add(Record record);

    /// The times of what was stamped while the clock was not trusted are filled in.
    static void resolve(Record& record, const ClockGuard& guard);

    /// Gives all of them to `take(Record)`, with their times.
    template <class Take>
    void release(const ClockGuard& guard, const Take& take) {
        auto records = std::exchange(records_, {});
        bytes_ = samples_ = 0;
        for (auto& record : records) {
            resolve(record, guard);
            take(std::move(record));
        }
    }

    /// All of them as they are.
    std::vector<Record> take_all() {
        bytes_ = samples_ = 0;
        auto records = std::exchange(records_, {});
        return {std::make_move_iterator(records.begin()), std::make_move_iterator(records.end())};
    }

    std::size_t size() const { return records_.size(); }
    std::uint64_t samples() const { return samples_; }
    std::uint64_t dropped() const { return dropped_; }  // samples, since start

  private:
    static std::size_t size_of(const Record& record) { return sizeof(Record) + record.bytes(); }

    std::size_t cap_bytes_;
    std::size_t bytes_ = 0;
    std::uint64_t samples_ = 0, dropped_ = 0;
    std::deque<Record> records_;
};

}  // namespace pifleet::forwarder
