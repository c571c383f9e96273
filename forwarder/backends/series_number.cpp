#include "forwarder/backends/series_number.hpp"

#include "forwarder/relabel/hash.hpp"
#include "forwarder/series/label_reader.hpp"

#include <bit>
#include <string>

namespace pifleet::forwarder {

std::int64_t series_number(metrics::Labels labels) {
    std::string stored;
    append_stored(stored, labels);
    return std::bit_cast<std::int64_t>(shard_hash(stored));
}

std::string_view name_of(metrics::Labels labels) {
    for (const auto& label : labels)
        if (label.name == "__name__") return label.value;
    return {};
}

}  // namespace pifleet::forwarder
