#include "common/base/index_table.hpp"

#include <cstring>

namespace pifleet {

std::uint64_t hash_bytes(std::string_view bytes) {
    constexpr std::uint64_t multiplier = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd
    std::uint64_t hash = bytes.size() * multiplier;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    };
    while (bytes.size() >= 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        mix(word);
        bytes.remove_prefix(8);
    }
    if (!bytes.empty()) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), bytes.size());
        mix(word);
    }
    return hash;
}

}  // namespace pifleet
