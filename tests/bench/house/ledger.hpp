// What a sink has been given, per series: every sample carries a number, the how-many-th scrape of its target
// it is of, so that what is lost, repeated or late shows.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace pifleet::remote_write {
class TimeSeries;
}

namespace pifleet::bench {

/// A sample's value is a constant of its series, a multiple of this, plus the number of the scrape, from 1
/// on.
constexpr std::int64_t scrapes_at_most = 1 << 16;

struct Counts {
    std::uint64_t series = 0;
    std::uint64_t lost = 0;        // numbers up to the newest of the series that never came
    std::uint64_t repeated = 0;    // came again
    std::uint64_t disordered = 0;  // came behind a newer one, or with a time that is not newer
};

class Ledger {
  public:
    /// Series that the senders make themselves (up, scrape_…) and stale markers are passed over.
    void take(const remote_write::TimeSeries& series);

    Counts counts() const;

  private:
    struct Account {
        std::vector<bool> seen;  // by number
        std::int64_t newest_ms = 0;
    };
    std::string key_;  // kept for its room
    std::unordered_map<std::string, Account> accounts_;
    std::uint64_t repeated_ = 0, disordered_ = 0;
};

}  // namespace pifleet::bench
