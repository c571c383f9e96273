#include "forwarder/backends/deltas.hpp"

#include "common/process/log.hpp"
#include "forwarder/backends/delta_state.hpp"
#include "forwarder/backends/values.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace pifleet::forwarder {

LeftOutCounts Deltas::take(std::vector<Sample>& batch,
                           const SeriesTable& series,
                           const IsCounter& is_counter) {
    undo();
    since_.clear();
    series_ = &series;
    LeftOutCounts out;
    std::erase_if(batch, [&](Sample& sample) {
        if (!is_counter(sample.series)) return false;
        auto& known = last(sample.series, series);
        before_.emplace_back(sample.series, known);
        const auto why = step(sample, known);
        if (why) ++out[*why];
        return why.has_value();
    });
    std::sort(since_.begin(), since_.end(), [](const Since& a, const Since& b) {
        return std::tie(a.series, a.time_ms) < std::tie(b.series, b.time_ms);
    });
    return out;
}

// What is known before the sample, if anything: of this process, or of the one before.
Deltas::Last& Deltas::last(SeriesId id, const SeriesTable& series) {
    if (id >= lasts_.size()) lasts_.resize(id + std::size_t{1});
    auto& known = lasts_[id];
    const auto generation = series.generation(id);
    if (known.known != Last::Known::unseen && known.generation == generation) return known;
    known = {};
    if (const auto found = restored_.find(labels_hash(series, id)); found != restored_.end())
        known = found->second;
    if (known.known == Last::Known::unseen) known.known = Last::Known::nothing;
    known.generation = generation;
    return known;
}

std::optional<LeftOut> Deltas::step(Sample& sample, Last& last) {
    const bool had = last.known == Last::Known::value;
    if (is_stale(sample.value_bits)) {
        since_.push_back({sample.series, sample.time_ms, had ? last.start_ms : sample.time_ms});
        last.known = Last::Known::nothing;
        return {};
    }
    const auto value = value_of(sample);
    if (std::isnan(value)) return LeftOut::nan;
    if (std::isinf(value)) return LeftOut::infinite;
    if (had && sample.time_ms <= last.time_ms) return LeftOut::unsupported;
    if (had && sample.time_ms / resolution_ms_ == last.time_ms / resolution_ms_) return LeftOut::collision;
    const auto before = last;
    const bool anew = had && value < before.value;
    last.value = value;
    last.time_ms = sample.time_ms;
    last.start_ms = !had ? sample.time_ms : anew ? before.time_ms : before.start_ms;
    last.known = Last::Known::value;
    if (send_ == Send::total) {
        since_.push_back({sample.series, sample.time_ms, last.start_ms});
        return {};
    }
    if (!had) return LeftOut::delta_start;
    sample.value_bits = std::bit_cast<std::uint64_t>(anew ? value : value - before.value);
    since_.push_back({sample.series, sample.time_ms, before.time_ms});
    return {};
}

// Backwards, because a series can stand there more than once.
void Deltas::undo() {
    for (; !before_.empty(); before_.pop_back()) lasts_[before_.back().first] = before_.back().second;
}

std::optional<std::int64_t> Deltas::since(const Sample& sample) const {
    const auto found =
        std::lower_bound(since_.begin(), since_.end(), sample, [](const Since& entry, const Sample& wanted) {
            return std::tie(entry.series, entry.time_ms) < std::tie(wanted.series, wanted.time_ms);
        });
    if (found == since_.end() || found->series != sample.series || found->time_ms != sample.time_ms)
        return {};
    return found->since_ms;
}

void Deltas::restore(const std::string& file, Cursor place) {
    for (const auto& entry : take_delta_state(file, place)) {
        Last last;
        last.value = entry.value;
        last.time_ms = entry.time_ms;
        last.start_ms = entry.start_ms;
        last.known = Last::Known::value;
        restored_.emplace(entry.labels_hash, last);
    }
}

void Deltas::save(const std::string& file, Cursor place) {
    undo();
    std::vector<DeltaEntry> entries;
    auto unseen = std::move(restored_);
    restored_.clear();
    for (SeriesId id = 0; id < lasts_.size(); ++id) {
        const auto& last = lasts_[id];
        if (last.known == Last::Known::unseen || series_->generation(id) != last.generation) continue;
        const auto hash = labels_hash(*series_, id);
        unseen.erase(hash);
        if (last.known == Last::Known::value)
            entries.push_back({hash, last.value, last.time_ms, last.start_ms});
    }
    for (const auto& [hash, last] : unseen)
        entries.push_back({hash, last.value, last.time_ms, last.start_ms});
    const auto saved = save_delta_state(file, place, entries);
    if (!saved)
        log::warn(
            "what counters stood at cannot be kept; after the next start the first increase of each "
            "is not sent",
            {{"error", saved.error()}});
}

}  // namespace pifleet::forwarder
