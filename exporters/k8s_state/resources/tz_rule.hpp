// The rule that a time zone follows after the last change that its file lists: the text of POSIX's variable
// TZ
// ("CET-1CEST,M3.5.0,M10.5.0/3"), with the wider hours of RFC 8536. Pure; never throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pifleet::k8s {

class TzRule {
  public:
    /// Nothing when the text is no rule.
    static std::optional<TzRule> parse(std::string_view text);

    /// Seconds east of Greenwich at this time (seconds since 1970).
    std::int64_t offset(std::int64_t time) const;

    /// When summer time begins or ends, in local time.
    struct Change {
        enum class By : std::uint8_t { weekday, day, day_without_leap } by = By::weekday;
        int month = 1, week = 1;  // the fifth is the last
        int day = 0;              // of the week (0 is Sunday) or of the year
        int seconds = 2 * 3600;   // after midnight

        /// Seconds since 1970 if the zone were Greenwich.
        std::int64_t in(int year) const;
    };

  private:
    std::int64_t standard_ = 0;
    std::int64_t summer_ = 0;
    bool changes_ = false;
    Change begin_, end_;
};

}  // namespace pifleet::k8s
