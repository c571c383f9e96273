// What the bodies of remote_write 1.0 and 2.0 have in common: samples by series, labels with the external
// ones among them, and the message Sample { 1 double value, 2 int64 timestamp }.
#pragma once

#include "common/metrics/model.hpp"
#include "forwarder/backends/wire.hpp"
#include "forwarder/sample_log/sample_log.hpp"
#include "forwarder/series/series_table.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

using OwnedLabels = std::vector<std::pair<std::string, std::string>>;

/// Calls `each(series number, its samples in their order)`; series in the order of their numbers, which for
/// one target is that of its page.
template <class Each>
void for_each_series(std::span<const Sample> samples, const Each& each) {
    std::vector<const Sample*> order(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) order[i] = &samples[i];
    const auto by_series = [](const Sample* a, const Sample* b) { return a->series < b->series; };
    if (!std::is_sorted(order.begin(), order.end(), by_series))
        std::stable_sort(order.begin(), order.end(), by_series);
    for (std::size_t from = 0; from < order.size();) {
        auto to = from + 1;
        while (to < order.size() && order[to]->series == order[from]->series) ++to;
        each(order[from]->series, std::span<const Sample* const>(order).subspan(from, to - from));
        from = to;
    }
}

/// Calls `each(label)` for the series' labels and the external ones in one sorted row; of two with one name
/// the series' own stands.
template <class Each>
void for_each_label(LabelReader& own, const OwnedLabels& external, const Each& each) {
    metrics::Label label;
    auto extra = external.begin();
    while (own.next(label)) {
        for (; extra != external.end() && label.name.compare(extra->first) >= 0; ++extra)
            if (extra->first != label.name) each(metrics::Label{extra->first, extra->second});
        each(label);
    }
    for (; extra != external.end(); ++extra) each(metrics::Label{extra->first, extra->second});
}

/// A type as both versions number it: the model counts them in the same order.
constexpr std::uint32_t metadata_type(metrics::Type type) {
    return static_cast<std::uint32_t>(type);
}
static_assert(metadata_type(metrics::Type::counter) == 1 &&
              metadata_type(metrics::Type::gauge_histogram) == 4 &&
              metadata_type(metrics::Type::summary) == 5 && metadata_type(metrics::Type::state_set) == 7);

/// Both versions have a series' samples in this field.
inline constexpr unsigned samples_field = 2;
inline constexpr std::size_t most_sample = 2 + 9 + wire::most_head;

// As in every proto3 writer a value of +0 and a time of 0 are left out: many metrics stand at 0 all their
// life.
inline char* put_sample(char* at, const Sample& sample) {
    const auto time = static_cast<std::uint64_t>(sample.time_ms);
    *at++ = wire::length_key(samples_field);
    *at++ = static_cast<char>((sample.value_bits == 0 ? 0 : 9) + wire::number_size(time));
    if (sample.value_bits != 0) {
        *at++ = wire::eight_bytes_key(1);
        for (unsigned shift = 0; shift < 64; shift += 8)
            *at++ = static_cast<char>(sample.value_bits >> shift);
    }
    return wire::put_number(at, 2, time);
}

}  // namespace pifleet::forwarder
