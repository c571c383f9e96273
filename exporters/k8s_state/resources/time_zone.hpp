// Time zones from the system's database, whose files (TZif, RFC 8536) are read here: the C library knows one
// zone a process, and the standard library of Debian 12 none.
#pragma once

#include "common/base/result.hpp"
#include "exporters/k8s_state/resources/tz_rule.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class TimeZone {
  public:
    TimeZone() = default;  // UTC

    /// The zone that a file of the database holds.
    static Result<TimeZone> parse(std::string_view file);
    /// The zone of this name ("Europe/Berlin"); "" and "UTC" are UTC, "Local" is local(). Absent when the
    /// database has no such zone.
    static Result<TimeZone> load(std::string_view name, std::string_view database = "/usr/share/zoneinfo");
    /// That of this process: $TZ, else /etc/localtime, else UTC.
    static TimeZone local();
    /// Whether the system has a database at all.
    static bool database_exists();

    /// Seconds east of Greenwich at this time (seconds since 1970).
    std::int64_t offset(std::int64_t time) const;

  private:
    struct Change {
        std::int64_t time;
        std::int64_t offset;  // from then on
    };
    std::int64_t first_ = 0;       // offset before the first change
    std::vector<Change> changes_;  // by time
    std::optional<TzRule> rule_;   // from the last change on
};

}  // namespace pifleet::k8s
