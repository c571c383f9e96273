#include "forwarder/backends/values.hpp"

#include <optional>

namespace pifleet::forwarder {

namespace {

constexpr std::uint64_t exponent = 0x7ff0000000000000, fraction = 0x000fffffffffffff;

// By the bits, so that no value passes through a register of the FPU. Nothing: it can be told.
std::optional<LeftOut> why_not(std::uint64_t bits, TellableValues which) {
    if ((bits & exponent) != exponent) return {};
    if (is_stale(bits)) return which.stale ? std::nullopt : std::optional(LeftOut::stale);
    if ((bits & fraction) != 0) return which.nan ? std::nullopt : std::optional(LeftOut::nan);
    return which.infinite ? std::nullopt : std::optional(LeftOut::infinite);
}

}  // namespace

LeftOutCounts leave_out_values(std::vector<Sample>& batch, TellableValues which) {
    LeftOutCounts out;
    std::erase_if(batch, [&](const Sample& sample) {
        const auto why = why_not(sample.value_bits, which);
        if (why) ++out[*why];
        return why.has_value();
    });
    return out;
}

}  // namespace pifleet::forwarder
