// Which time a sample gets. A Pi has no clock that runs while it is off: until the time can be trusted,
// samples get a place on the monotonic clock instead and are held; the wall time is filled in when it is
// known. No I/O: it is given readings of the clocks and answers. All times in milliseconds, wall times since
// the epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct ClockReading {
    std::int64_t wall_ms = 0;
    std::int64_t mono_ms = 0;   // since boot, time asleep included
    bool synchronised = false;  // the kernel says that something keeps the wall clock right
    bool kept = false;  // the machine has kept the time while it was off: it has a clock with a battery
};

struct ClockGuardOptions {
    bool check = true;
    std::int64_t max_hold_ms = 600'000;
    std::int64_t floor_ms = 0;  // the build date, or the newest sample known: a right clock is later
};

class ClockGuard {
  public:
    enum class Trust {
        none,          // samples are held
        unchecked,     // the owner wants it so
        synchronised,  // by the kernel's word
        date,          // the Date of another host agrees
        kept,          // a clock with a battery
        taken,         // after max_hold, for want of anything better
    };
    // Nothing of ours existed before (2024-01-01): such a clock is wrong, whatever vouches for it.
    static constexpr std::int64_t earliest_ms = 1'704'067'200'000;
    static constexpr std::int64_t tolerated_ms = 30'000;  // between the wall clock and another host's Date
    static constexpr std::int64_t step_ms = 2'000;  // a wall clock that moved so much by itself has been set
    static constexpr std::int64_t most_slewed_ms = 86'400'000;

    explicit ClockGuard(ClockGuardOptions options = {}) : options_(options) {}
    void set_options(ClockGuardOptions options) { options_ = options; }

    Trust trust() const { return trust_; }
    bool trusted() const { return trust_ != Trust::none; }
    /// Why samples are held, or what the clock is trusted for; a sentence's middle.
    std::string reason() const;

    /// Looks whether the clock can be trusted by now.
    void check(const ClockReading& now);
    /// The same, with the Date of another host, asked just now.
    void compare(std::int64_t date_ms, const ClockReading& now);

    /// The time for a sample of now. While trusted: the wall time; where the wall clock went back, the last
    /// one and the monotonic distance, at nine tenths of its speed until the wall clock has caught up: times
    /// never repeat nor go back. A wall clock that went back by more than a day was far wrong: the new time
    /// is taken. While held: a mark.
    std::int64_t stamp(const ClockReading& now);
    static bool is_mark(std::int64_t stamp) { return stamp < mark_base / 2; }
    /// A mark as milliseconds since boot, and back.
    static std::int64_t of_mark(std::int64_t mark) { return mark - mark_base; }
    static std::int64_t to_mark(std::int64_t mono_ms) { return mono_ms + mark_base; }
    /// The wall time of a mark, once trusted; other stamps as they are.
    std::int64_t resolve(std::int64_t stamp) const {
        return is_mark(stamp) ? stamp - mark_base + offset_ : stamp;
    }

    /// By how much the wall clock was set at the last stamp; 0 when it was not.
    std::int64_t step() const { return step_; }

  private:
    static constexpr std::int64_t mark_base = INT64_MIN;
    void accept(Trust trust, const ClockReading& now);
    void hold(const ClockReading& now);

    ClockGuardOptions options_;
    Trust trust_ = Trust::none;
    std::optional<std::int64_t> held_since_;       // monotonic
    std::optional<std::int64_t> date_differs_by_;  // of the last host asked
    bool too_early_ = false;                       // max_hold is over and the clock is behind the floor
    bool known_ = false;       // there has been a trusted time, so there are an offset and what follows
    std::int64_t offset_ = 0;  // stamps less the monotonic clock
    std::int64_t behind_ = 0;  // how far the wall clock is behind the stamps
    std::int64_t last_mono_ = 0;
    std::int64_t step_ = 0;
};

std::string_view trust_name(ClockGuard::Trust trust);

}  // namespace pifleet::forwarder
