#include "exporters/k8s_state/store.hpp"

#include <bit>
#include <string>

namespace pifleet::k8s {

namespace {

constexpr std::uint64_t all_slots = ~std::uint64_t{0};

std::uint64_t bit(std::uint32_t number) {
    return std::uint64_t{1} << (number % 64);
}

}  // namespace

std::uint32_t& Store::round(Source source) {
    if (source >= rounds_.size()) rounds_.resize(source + std::size_t{1}, 0);
    return rounds_[source];
}

Store::Number Store::find(std::string_view name) const {
    return names_index_.find(hash_bytes(name), [&](Number number) { return names_.at(number) == name; });
}

void Store::put(Source source, std::string_view name, std::uint64_t content, const Rendered& lines) {
    const Entry entry{content, source, round(source)};
    auto number = find(name);
    if (number == IndexTable::none) {
        number = take_slot();
        file(number, name, entry);
    } else {
        content_index_.erase(entries_[number].content, number);
        entries_[number] = entry;
        content_index_.insert(content, number, [this](Number other) { return entries_[other].content; });
    }
    fill(number, lines);
}

bool Store::seen(Source source, std::uint64_t content) {
    const auto number = content_index_.find(content, [&](Number candidate) {
        return entries_[candidate].content == content && entries_[candidate].source == source;
    });
    if (number == IndexTable::none) return false;
    entries_[number].round = round(source);
    return true;
}

void Store::erase(Source source, std::string_view name) {
    const auto number = find(name);
    if (number == IndexTable::none || entries_[number].source != source) return;
    remove(number);
    close_up();
}

void Store::begin_list(Source source) {
    ++round(source);
}

template <class Condition>
void Store::remove_where(Source source, const Condition& condition) {
    for (Number number = 0; number < entries_.size(); ++number)
        if (used(number) && entries_[number].source == source && condition(entries_[number])) remove(number);
    close_up();
}

void Store::end_list(Source source) {
    const auto now = round(source);
    remove_where(source, [now](const Entry& entry) { return entry.round != now; });
    for (auto& group : groups_)
        if (group.used != all_slots)
            for (auto& family : group.families) family.fit();
}

void Store::clear(Source source) {
    remove_where(source, [](const Entry&) { return true; });
}

Store::Number Store::take_slot() {
    while (first_open_ < groups_.size() && groups_[first_open_].used == all_slots) ++first_open_;
    if (first_open_ == groups_.size()) {
        groups_.emplace_back().families.resize(families_);
        entries_.resize(groups_.size() * 64);
    }
    auto& group = groups_[first_open_];
    if (group.used == 0) expect_as_before(first_open_);
    const auto slot = static_cast<Number>(std::countr_one(group.used));
    group.used |= std::uint64_t{1} << slot;
    return static_cast<Number>(first_open_ * 64) + slot;
}

// A group mostly becomes what the one before it is: so its texts need not grow piece by piece.
void Store::expect_as_before(std::size_t group) {
    if (group == 0 || groups_[group - 1].used != all_slots) return;
    for (std::size_t i = 0; i < families_; ++i)
        groups_[group].families[i].reserve(groups_[group - 1].families[i].size());
}

void Store::fill(Number number, const Rendered& lines) {
    auto& group = groups_[number / 64];
    const auto slot = number % 64;
    // While a group fills, its texts grow object by object; once it is full they fit.
    const bool filling = group.used != all_slots;
    for (std::size_t i = 0; i < families_; ++i)
        if (const auto text = lines.family(i); group.families[i].at(slot) != text)
            group.families[i].put(slot, text, filling);
    if (!filling && slot == 63)
        for (auto& family : group.families) family.fit();
}

void Store::file(Number number, std::string_view name, const Entry& entry) {
    names_.put(number, name);
    names_index_.insert(
        hash_bytes(name), number, [this](Number other) { return hash_bytes(names_.at(other)); });
    entries_[number] = entry;
    content_index_.insert(entry.content, number, [this](Number other) { return entries_[other].content; });
}

void Store::unfile(Number number) {
    names_index_.erase(hash_bytes(names_.at(number)), number);
    names_.remove(number);
    content_index_.erase(entries_[number].content, number);
}

void Store::remove(Number number) {
    unfile(number);
    for (auto& family : groups_[number / 64].families)
        if (!family.at(number % 64).empty()) family.put(number % 64, {}, false);
    free_slot(number);
}

void Store::free_slot(Number number) {
    groups_[number / 64].used &= ~bit(number);
    first_open_ = std::min(first_open_, std::size_t{number / 64});
}

// Holes are for new objects; when there are many, the last groups' objects fill them.
void Store::close_up() {
    while (!groups_.empty()) {
        const auto holes = groups_.size() * 64 - size();
        if (groups_.back().used != 0) {
            if (holes < 128 + size() / 4) break;
            for (auto left = groups_.back().used; left != 0; left &= left - 1) {
                const auto from = static_cast<Number>((groups_.size() - 1) * 64) +
                                  static_cast<Number>(std::countr_zero(left));
                move(from, take_slot());
            }
        }
        groups_.pop_back();
        entries_.resize(groups_.size() * 64);
        first_open_ = std::min(first_open_, groups_.size());
    }
    names_.tidy();
    if (groups_.empty()) groups_.shrink_to_fit();
}

void Store::move(Number from, Number to) {
    const std::string name(names_.at(from));
    const auto entry = entries_[from];
    unfile(from);
    file(to, name, entry);
    auto& source = groups_[from / 64].families;
    auto& target = groups_[to / 64].families;
    for (std::size_t i = 0; i < families_; ++i) target[i].put(to % 64, source[i].at(from % 64), false);
    free_slot(from);
}

std::size_t Store::bytes() const {
    std::size_t sum = 0;
    for (const auto& group : groups_)
        for (const auto& family : group.families) sum += family.bytes() + sizeof family;
    return sum;
}

Store::Snapshot Store::share() const {
    Snapshot out;
    out.groups = groups_.size();
    out.texts.reserve(families_ * groups_.size());
    for (std::size_t family = 0; family < families_; ++family)
        for (const auto& group : groups_) out.texts.push_back(group.families[family].share());
    return out;
}

}  // namespace pifleet::k8s
