// The number by which hashmod shards: part of the agreement with every Prometheus that shards the same
// targets.
#pragma once

#include <cstdint>
#include <string_view>

namespace pifleet::forwarder {

/// The last 8 bytes of the text's MD5, read as one number, first byte highest.
std::uint64_t shard_hash(std::string_view text);

}  // namespace pifleet::forwarder
