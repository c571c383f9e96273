#include "forwarder/series/series_table.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

std::uint64_t hash_label(const metrics::Label& label) {
    return (hash_bytes(label.name) * 31 + hash_bytes(label.value)) * 0x9e3779b97f4a7c15;
}

// The same for every form of a series, and whatever the order of its labels.
std::uint64_t hash_labels(metrics::Labels labels) {
    std::uint64_t hash = 0;
    for (const auto& label : labels) hash += hash_label(label);
    return hash;
}

std::uint64_t hash_labels(LabelReader reader) {
    std::uint64_t hash = 0;
    for (metrics::Label label; reader.next(label);) hash += hash_label(label);
    return hash;
}

bool same(LabelReader reader, metrics::Labels labels) {
    std::size_t i = 0;
    for (metrics::Label label; reader.next(label); ++i)
        if (i == labels.size() || labels[i] != label) return false;
    return i == labels.size();
}

}  // namespace

SeriesTable::AddedId SeriesTable::acquire_added(const LabelPairs& labels) {
    if (added_.empty()) added_.emplace_back();
    std::size_t free = added_.size();
    for (std::size_t i = 1; i < added_.size(); ++i) {
        if (added_[i].uses == 0) {
            free = i;
        } else if (added_[i].labels == labels) {
            ++added_[i].uses;
            return static_cast<AddedId>(i);
        }
    }
    if (free == added_.size()) added_.emplace_back();
    added_[free] = {labels, 1};
    return static_cast<AddedId>(free);
}

void SeriesTable::release_added(AddedId id) {
    if (--added_[id].uses == 0) added_[id].labels = {};
}

SeriesTable::Form SeriesTable::form(SeriesId id) const {
    auto bytes = store_.at(id);
    AddedId added = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        added |= static_cast<AddedId>(byte & 0x7f) << shift;
        if (byte < 0x80) return {added, bytes};
    }
}

void SeriesTable::put(SeriesId id, const Form& form) {
    std::string bytes;
    auto added = form.added;
    for (; added >= 0x80; added >>= 7) bytes += static_cast<char>(added | 0x80);
    bytes += static_cast<char>(added);
    bytes += form.text;
    store_.put(id, bytes);
    if (form.added != 0) ++added_[form.added].uses;
}

void SeriesTable::remove(SeriesId id) {
    const auto added = form(id).added;
    store_.remove(id);
    if (added != 0) release_added(added);
}

LabelReader SeriesTable::labels(SeriesId id) const {
    const auto kept = form(id);
    if (kept.added == 0) return LabelReader(kept.text);
    return LabelReader(kept.text, added_[kept.added].labels);
}

void SeriesTable::append_stored(std::string& out, SeriesId id) const {
    auto reader = labels(id);
    for (metrics::Label label; reader.next(label);) forwarder::append_stored(out, {&label, 1});
}

std::string_view SeriesTable::page_text(SeriesId id, AddedId added) const {
    const auto kept = form(id);
    return kept.added == added ? kept.text : std::string_view{};
}

SeriesId SeriesTable::find(std::uint64_t hash, metrics::Labels labels) const {
    return index_.find(hash, [&](SeriesId n) { return same(this->labels(n), labels); });
}

SeriesId SeriesTable::enter(std::uint64_t hash, const Form& form) {
    SeriesId id;
    if (free_.empty()) {
        id = static_cast<SeriesId>(entries_.size());
        entries_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    put(id, form);
    index_.insert(hash, id, [this](SeriesId n) { return hash_labels(labels(n)); });
    return id;
}

SeriesId SeriesTable::acquire(metrics::Labels labels) {
    const auto hash = hash_labels(labels);
    auto id = find(hash, labels);
    if (id == IndexTable::none) {
        key_.clear();
        forwarder::append_stored(key_, labels);
        id = enter(hash, {0, key_});
    }
    ++entries_[id].uses;
    return id;
}

SeriesId SeriesTable::acquire(metrics::Labels labels, std::string_view page, AddedId added) {
    if (!reads_as(page, added_[added].labels, labels)) return acquire(labels);
    const auto hash = hash_labels(labels);
    auto id = find(hash, labels);
    if (id == IndexTable::none) {
        id = enter(hash, {added, page});
    } else if (form(id).added == 0) {  // it came out of the log: from now on the page's form serves both
        remove(id);
        put(id, {added, page});
    }
    ++entries_[id].uses;
    return id;
}

SeriesId SeriesTable::acquire_stored(std::string_view bytes) {
    std::vector<metrics::Label> labels;
    LabelReader reader(bytes);
    for (metrics::Label label; reader.next(label);) labels.push_back(label);
    return acquire(labels);
}

void SeriesTable::release(SeriesId id, std::uint64_t mark) {
    auto& entry = entries_[id];
    if (--entry.uses > 0 && mark == 0) return;
    if (entry.retiring) {
        auto& later = later_[id];
        later = std::max(later, mark);
        return;
    }
    entry.retiring = true;
    retired_.push_back({mark, id});
}

void SeriesTable::sweep(std::uint64_t mark) {
    while (!retired_.empty() && retired_.front().mark <= mark) {
        const auto id = retired_.front().id;
        retired_.pop_front();
        auto& entry = entries_[id];
        entry.retiring = false;
        if (const auto later = later_.extract(id); later && later.mapped() > mark) {
            entry.retiring = true;
            retired_.push_back({later.mapped(), id});
            continue;
        }
        if (entry.uses > 0) continue;
        index_.erase(hash_labels(labels(id)), id);
        remove(id);
        ++entry.generation;
        free_.push_back(id);
    }
    store_.tidy();
}

}  // namespace pifleet::forwarder
