#include "common/process/repeats.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace pifleet::log {

std::optional<std::uint64_t> Repeats::pass(std::string_view line, Clock::time_point now) {
    const std::size_t hash = std::hash<std::string_view>{}(line);
    const auto known = std::find_if(
        entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.hash == hash; });
    if (known != entries_.end()) {
        if (now - known->written < interval) {
            ++known->left_out;
            return std::nullopt;
        }
        known->written = now;
        return std::exchange(known->left_out, 0);
    }
    const Entry fresh{hash, now, 0};
    if (entries_.size() < most_lines) {
        entries_.push_back(fresh);
    } else {
        *std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
            return a.written < b.written;
        }) = fresh;
    }
    return 0;
}

}  // namespace pifleet::log
