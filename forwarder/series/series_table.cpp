#include "forwarder/series/series_table.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

void append_text(std::string& out, std::string_view text) {
    auto length = text.size();
    for (; length >= 0x80; length >>= 7) out += static_cast<char>(length | 0x80);
    out += static_cast<char>(length);
    out += text;
}

}  // namespace

// The rest of a length that takes more than one byte.
std::size_t LabelReader::long_length(std::size_t low) {
    std::size_t length = low;
    for (unsigned shift = 7;; shift += 7) {
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        length |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return length;
    }
}

SeriesId SeriesTable::acquire(metrics::Labels labels) {
    key_.clear();
    for (const auto& label : labels) {
        append_text(key_, label.name);
        append_text(key_, label.value);
    }
    return acquire_stored(key_);
}

SeriesId SeriesTable::acquire_stored(std::string_view bytes) {
    const auto hash = hash_bytes(bytes);
    auto id = index_.find(hash, [&](SeriesId n) { return entries_[n].bytes == bytes; });
    if (id == IndexTable::none) {
        if (free_.empty()) {
            id = static_cast<SeriesId>(entries_.size());
            entries_.emplace_back();
        } else {
            id = free_.back();
            free_.pop_back();
        }
        entries_[id].bytes.assign(bytes);
        index_.insert(hash, id, [this](SeriesId n) { return hash_bytes(entries_[n].bytes); });
    }
    ++entries_[id].uses;
    return id;
}

bool SeriesTable::well_formed(std::string_view bytes) {
    const auto take = [&bytes](std::string_view& text) {
        std::size_t length = 0;
        for (unsigned shift = 0;; shift += 7) {
            if (bytes.empty() || shift > 28) return false;
            const auto byte = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            length |= static_cast<std::size_t>(byte & 0x7f) << shift;
            if (byte < 0x80) break;
        }
        if (length > bytes.size()) return false;
        text = bytes.substr(0, length);
        bytes.remove_prefix(length);
        return true;
    };
    if (bytes.empty()) return false;
    std::string_view last;
    while (!bytes.empty()) {
        std::string_view name, value;
        if (!take(name) || !take(value) || name <= last) return false;  // so no name is empty either
        last = name;
    }
    return true;
}

void SeriesTable::release(SeriesId id, std::uint64_t mark) {
    auto& entry = entries_[id];
    if (--entry.uses > 0) return;
    entry.mark = std::max(entry.mark, mark);
    if (entry.retiring) return;  // it had come back; sweep() sees the later mark
    entry.retiring = true;
    retired_.push_back({entry.mark, id});
}

void SeriesTable::sweep(std::uint64_t mark) {
    while (!retired_.empty() && retired_.front().mark <= mark) {
        const auto id = retired_.front().id;
        retired_.pop_front();
        auto& entry = entries_[id];
        entry.retiring = false;
        if (entry.uses > 0) continue;
        if (entry.mark > mark) {
            entry.retiring = true;
            retired_.push_back({entry.mark, id});
            continue;
        }
        index_.erase(hash_bytes(entry.bytes), id);
        entry = Entry{};
        free_.push_back(id);
    }
}

}  // namespace pifleet::forwarder
