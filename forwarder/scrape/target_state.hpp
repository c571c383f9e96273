// One target between scrapes: its series, and what a scrape becomes. No I/O: it is given pages and outcomes
// and gives records. All or nothing: the samples of a page count only when it ended well within its limits.
#pragma once

#include "common/metrics/parser.hpp"
#include "forwarder/discovery/target.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/scrape/scrape_cache.hpp"
#include "forwarder/series/metadata.hpp"
#include "forwarder/series/series_table.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace pifleet::forwarder {

class TargetState final : public metrics::PageHandler {
  public:
    TargetState(const Target& target, SeriesTable& series, MetadataTable& metadata);

    /// A scrape begins at this time; the page's lines go to the object as a PageHandler.
    void begin(std::int64_t time_ms);

    /// The scrape that began ended well (or not). Gives what enters the log: the page's samples, stale
    /// markers for series that ended, up and the scrape_* series. `mark`: the number that the record will
    /// have plus one.
    Record succeed(double seconds, std::uint64_t mark);
    Record fail(double seconds, std::uint64_t mark);

    /// The target is no longer wanted: stale markers for everything that was alive.
    Record retire(std::int64_t time_ms, std::uint64_t mark);

    std::size_t samples() const { return samples_.size(); }  // of the scrape under way, or the last one
    std::size_t series() const { return cache_.size(); }
    std::uint64_t duplicates() const { return duplicates_; }  // samples dropped since start

    std::string_view expected() override { return cache_.expected(); }
    Result<void> on_sample(const metrics::SampleLine& line) override;
    void on_type(std::string_view family, metrics::Type type) override { metadata_.note_type(family, type); }
    void on_help(std::string_view family, std::string_view escaped) override {
        metadata_.note_help(family, escaped);
    }
    void on_unit(std::string_view family, std::string_view unit) override {
        metadata_.note_unit(family, unit);
    }

  private:
    enum Report { up, duration, scraped, kept, added, report_count };
    Record report(bool good, double seconds);
    void end_series(SeriesId id, Record& record) const;

    SeriesTable& series_;
    MetadataTable& metadata_;
    ScrapeCache cache_;
    std::array<SeriesId, report_count> report_;
    bool reported_ = false;  // the report series are alive
    bool honor_timestamps_;
    std::size_t sample_limit_;
    std::int64_t time_ms_ = 0;
    std::size_t fresh_ = 0;
    std::uint64_t duplicates_ = 0;
    std::vector<Sample> samples_;
};

}  // namespace pifleet::forwarder
