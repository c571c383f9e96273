// The tables: series(id, name, labels) and samples(series_id, ts, value), made at the first use, and what
// each kind of server does about days and old samples. Of the module.
#pragma once

#include "forwarder/backends/postgres/connection.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace pifleet::forwarder::postgres {

/// A day as a partition's name has it: 20261128.
std::string day_text(std::int64_t days_since_1970);

class Schema {
  public:
    /// Makes the tables where there are none, and finds out how samples are kept.
    Outcome prepare(Connection& connection, const PifleetSqlSettings& settings, Deadline deadline);
    /// Partitions for the days of these samples, where there are such. Days far away stay in one for all.
    Outcome make_days(Connection& connection,
                      const PifleetSqlBatch& batch,
                      std::int64_t today,
                      Deadline deadline);
    /// Drops what is older than the settings want. Done once a day, `today`; a failure comes again tomorrow.
    Outcome drop_old(Connection& connection,
                     const PifleetSqlSettings& settings,
                     std::int64_t today,
                     Deadline deadline);
    /// Nothing is known any more of what the database has.
    void forget() { *this = {}; }

    const char* series_statement() const;

  private:
    enum class Kept { unknown, in_partitions, in_chunks, in_one_table };
    Outcome create(Connection& connection, Deadline deadline);
    Outcome find_out(Connection& connection, Deadline deadline);

    std::string dialect_;
    Kept kept_ = Kept::unknown;
    std::set<std::int64_t> days_;  // that have their partition, or cannot have one
    std::int64_t dropped_on_ = 0;
};

}  // namespace pifleet::forwarder::postgres
