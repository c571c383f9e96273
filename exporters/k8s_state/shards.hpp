// Which of several exporters tells of an object, by its uid alone: they need not know each other. The same
// choice as kube-state-metrics makes, so that both can stand side by side: FNV-1a of the uid, then Lamping
// and Veach's jump consistent hash (arXiv:1406.2294).
#pragma once

#include <cstdint>
#include <string_view>

namespace pifleet::k8s {

std::uint64_t fnv1a_64(std::string_view text);

/// 0 to buckets - 1; `buckets` is at least 1.
std::uint32_t jump_hash(std::uint64_t key, std::uint32_t buckets);

struct Shard {
    std::uint32_t number = 0, total = 1;
    bool keeps(std::string_view uid) const { return total <= 1 || jump_hash(fnv1a_64(uid), total) == number; }
    friend bool operator==(const Shard&, const Shard&) = default;
};

}  // namespace pifleet::k8s
