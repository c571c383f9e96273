#include "exporters/k8s_state/shards.hpp"

namespace pifleet::k8s {

std::uint64_t fnv1a_64(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

std::uint32_t jump_hash(std::uint64_t key, std::uint32_t buckets) {
    std::int64_t bucket = 0;
    for (std::int64_t next = 0; next < buckets;) {
        bucket = next;
        key = key * 2862933555777941757 + 1;
        next = static_cast<std::int64_t>(
            static_cast<double>(bucket + 1) *
            (static_cast<double>(std::int64_t{1} << 31) / static_cast<double>((key >> 33) + 1)));
    }
    return static_cast<std::uint32_t>(bucket);
}

}  // namespace pifleet::k8s
