// Counters for formats that want more of them than the value: the increase since the sample before, or when
// counting began. Worked out once, while a batch is taken from the log in order, so that a retry sends the
// same number. A value below the one before is a counter that began anew. What is known of a series survives
// a clean stop (delta_state.hpp); after a crash the first sample of each counter has nothing before it.
#pragma once

#include "forwarder/backends/left_out.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

class Deltas {
  public:
    enum class Send {
        increase,  // a counter's samples get the increase as their value; the first of a series is left out
        total,     // they keep their value
    };
    using IsCounter = std::function<bool(SeriesId)>;

    /// `resolution_ms`: of two samples of a counter within as much time one goes, and the next increase has
    /// both; for receivers that know seconds only.
    explicit Deltas(Send send, std::int64_t resolution_ms = 1) : send_(send), resolution_ms_(resolution_ms) {}

    /// Goes through a batch in the order of the log. What it saw of a batch is forgotten at the next call,
    /// unless batch_done() came between.
    LeftOutCounts take(std::vector<Sample>& batch, const SeriesTable& series, const IsCounter& is_counter);
    void batch_done() { before_.clear(); }

    /// Of a counter's sample of the batch: since when (ms) its increase counts, or its total; nothing for
    /// others.
    std::optional<std::int64_t> since(const Sample& sample) const;

    /// Reads what a clean stop has left in the file, if it belongs to this place of the log, and removes it.
    void restore(const std::string& file, Cursor place);
    /// Writes it; an error is logged and costs an interval.
    void save(const std::string& file, Cursor place);

  private:
    struct Last {
        enum class Known : std::uint32_t { unseen, nothing, value };
        double value = 0;
        std::int64_t time_ms = 0, start_ms = 0;
        std::uint32_t generation = 0;  // of the number
        Known known = Known::unseen;
    };
    struct Since {
        SeriesId series;
        std::int64_t time_ms, since_ms;
    };
    Last& last(SeriesId id, const SeriesTable& series);
    std::optional<LeftOut> step(Sample& sample, Last& last);
    void undo();

    Send send_;
    std::int64_t resolution_ms_;
    const SeriesTable* series_ = nullptr;
    std::vector<Last> lasts_;                           // by series
    std::vector<std::pair<SeriesId, Last>> before_;     // what the batch has changed, as it was
    std::vector<Since> since_;                          // of the batch, by series and time
    std::unordered_map<std::uint64_t, Last> restored_;  // by the hash of the labels, until seen
};

}  // namespace pifleet::forwarder
