// Values that not every format has words for.
#pragma once

#include "forwarder/backends/encoder.hpp"

#include <bit>
#include <cstdint>
#include <vector>

namespace pifleet::forwarder {

inline bool is_stale(std::uint64_t bits) {
    return bits == metrics::stale_marker_bits;
}
/// Not of a stale marker's bits: a copy through a register can change those.
inline double value_of(const Sample& sample) {
    return std::bit_cast<double>(sample.value_bits);
}

/// Takes out the samples whose values cannot be told; gives how many they were, and why.
LeftOutCounts leave_out_values(std::vector<Sample>& batch, TellableValues tellable);

}  // namespace pifleet::forwarder
