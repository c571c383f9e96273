// Which repeated lines are left out: the same line at most once in `interval`, in a table of fixed size.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pifleet::log {

/// Not thread-safe. It remembers hashes, so a line's length costs no memory.
class Repeats {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most_lines =
        128;  // when more differ, the one written longest ago is forgotten
    static constexpr std::chrono::minutes interval{1};

    /// Nothing when the line is to be left out at `now`; else how often it was left out since it was last
    /// written.
    std::optional<std::uint64_t> pass(std::string_view line, Clock::time_point now);

  private:
    struct Entry {
        std::size_t hash;
        Clock::time_point written;
        std::uint64_t left_out;
    };
    std::vector<Entry> entries_;
};

}  // namespace pifleet::log
