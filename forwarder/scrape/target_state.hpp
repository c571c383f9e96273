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
#include <optional>
#include <vector>

namespace pifleet::forwarder {

/// How a fetch went, apart from the page's samples.
struct FetchFigures {
    double seconds = 0;
    std::int64_t body_bytes = 0;  // of the decoded page; -1: more than the limit
};

class TargetState final : public metrics::PageHandler {
  public:
    TargetState(const Target& target, SeriesTable& series, MetadataTable& metadata);

    /// A scrape begins at this time; the page's lines go to the object as a PageHandler.
    void begin(std::int64_t time_ms);

    /// The scrape that began ended well (or not). Gives what enters the log: the page's samples, stale
    /// markers for series that ended, up and the scrape_* series. `mark`: the number that the record will
    /// have plus one.
    Record succeed(const FetchFigures& figures, std::uint64_t mark);
    Record fail(const FetchFigures& figures, std::uint64_t mark);

    /// The target is no longer wanted: stale markers for everything that was alive.
    Record retire(std::int64_t time_ms, std::uint64_t mark);

    std::size_t samples() const { return scraped_; }  // of the scrape under way, or the last one
    std::size_t kept() const { return kept_; }        // of these, after relabeling
    std::size_t series() const { return cache_.size(); }
    // Samples left out since start: of a series that stood on the page before, and with an older time of
    // their own than the one before.
    std::uint64_t duplicates() const { return duplicates_; }
    std::uint64_t disordered() const { return disordered_; }

    /// What is known of the families that the page has series of, sorted by name, before metrics are
    /// relabeled. Valid until the next line of any page.
    std::vector<const FamilyMetadata*> families() const;

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
    // The series that tell of the scrape itself, in Prometheus's names; the last three on demand.
    static constexpr std::size_t most_reports = 8, usual_reports = 5;
    Record report(bool good, const FetchFigures& figures);
    void take(const ScrapeCache::Found& found, const metrics::SampleLine& line);

    SeriesTable& series_;
    MetadataTable& metadata_;
    const ScrapeConfig& job_;  // outlives the object
    Duration timeout_;
    ScrapeCache cache_;
    std::size_t reports_;  // of report_, so many are used
    std::array<SeriesId, most_reports> report_;
    bool reported_ = false;  // the report series are alive
    std::int64_t time_ms_ = 0;
    std::size_t scraped_ = 0, kept_ = 0, fresh_ = 0;
    std::size_t usual_ = 0;  // how many samples the last page had
    std::uint64_t duplicates_ = 0, disordered_ = 0;
    Record record_;  // of the scrape under way
};

}  // namespace pifleet::forwarder
