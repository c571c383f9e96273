// The series that a backend refused by themselves lately: in later batches they go apart, so that they do not
// cost a bisection each time, and are forgiven once they are taken.
#pragma once

#include "forwarder/delivery/pace.hpp"
#include "forwarder/series/series_table.hpp"

#include <cstddef>
#include <unordered_map>

namespace pifleet::forwarder {

/// Keyed by series number. A number that was given out anew meanwhile harms nobody: the new series goes
/// apart, is taken and is forgiven.
class Suspects {
  public:
    static constexpr std::size_t most = 10'000;

    explicit Suspects(milliseconds memory) : memory_(memory) {}

    bool contains(SeriesId id, Moment now) const {
        const auto found = since_.find(id);
        return found != since_.end() && now < found->second + memory_;
    }
    /// True when it is news: the first time since it was last taken.
    bool add(SeriesId id, Moment now) {
        if (since_.size() >= most && !since_.contains(id)) since_.clear();
        return since_.insert_or_assign(id, now).second;
    }
    void forgive(SeriesId id) { since_.erase(id); }
    void forgive_all() { since_.clear(); }
    std::size_t size() const { return since_.size(); }

  private:
    milliseconds memory_;
    std::unordered_map<SeriesId, Moment> since_;
};

}  // namespace pifleet::forwarder
