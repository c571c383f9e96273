#include "forwarder/series/metadata.hpp"

#include "common/base/utf8.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

using metrics::Type;

// Which suffixes the series of a family may have, by its type. From OpenMetrics 1.0 and the text format.
struct Suffix {
    std::string_view text;
    bool (*fits)(Type);
};
constexpr Suffix suffixes[] = {
    {"_total", [](Type type) { return type == Type::counter; }},
    {"_bucket", [](Type type) { return type == Type::histogram || type == Type::gauge_histogram; }},
    {"_sum", [](Type type) { return type == Type::histogram || type == Type::summary; }},
    {"_count", [](Type type) { return type == Type::histogram || type == Type::summary; }},
    {"_gsum", [](Type type) { return type == Type::gauge_histogram; }},
    {"_gcount", [](Type type) { return type == Type::gauge_histogram; }},
    {"_created",
     [](Type type) { return type == Type::counter || type == Type::histogram || type == Type::summary; }},
    {"_info", [](Type type) { return type == Type::info; }},
};

// Receivers may refuse a whole request for one text that is no UTF-8.
std::string clean(std::string_view said, std::size_t most) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
    std::string out;
    while (!said.empty()) {
        auto character = said.substr(0, 1);
        auto length = character.size();
        if (said.size() > 1 && said[0] == '\\' && (said[1] == 'n' || said[1] == '\\' || said[1] == '"')) {
            character = said[1] == 'n' ? std::string_view("\n") : said.substr(1, 1);
            length = 2;
        } else {
            const auto first = first_character(said);
            character = first.valid ? said.substr(0, first.length) : replacement;
            length = first.length;
        }
        if (out.size() + character.size() > most) break;
        out += character;
        said.remove_prefix(length);
    }
    return out;
}

bool acceptable(std::string_view name) {
    return !name.empty() && name.size() <= MetadataTable::most_name && clean(name, name.size()) == name;
}

}  // namespace

std::size_t MetadataTable::size_of(const Entry& entry) {
    return sizeof(Entry) + entry.family.name.size() + entry.family.help.size() + entry.family.unit.size();
}

MetadataTable::Number MetadataTable::number_of(std::string_view family) const {
    return index_.find(hash_bytes(family), [&](Number n) { return entries_[n].family.name == family; });
}

const FamilyMetadata* MetadataTable::find(std::string_view family) const {
    const auto number = number_of(family);
    return number == IndexTable::none ? nullptr : &entries_[number].family;
}

const FamilyMetadata* MetadataTable::of_series(std::string_view name) const {
    if (const auto* family = find(name)) return family;
    for (const auto& suffix : suffixes) {
        if (!name.ends_with(suffix.text)) continue;
        const auto* family = find(name.substr(0, name.size() - suffix.text.size()));
        if (family != nullptr && suffix.fits(family->type)) return family;
    }
    return nullptr;
}

void MetadataTable::note_type(std::string_view family, Type type) {
    if (auto* known = entry(family)) known->family.type = type;
}

void MetadataTable::note_help(std::string_view family, std::string_view escaped) {
    auto* known = entry(family);
    if (known == nullptr) return;
    const auto hash = hash_bytes(escaped);
    if (known->help_hash == hash) return;
    known->help_hash = hash;
    set(*known, known->family.help, clean(escaped, most_help));
}

void MetadataTable::note_unit(std::string_view family, std::string_view unit) {
    auto* known = entry(family);
    if (known != nullptr && known->family.unit != unit)
        set(*known, known->family.unit, clean(unit, most_name));
}

// The family's entry, made if there is none; nullptr when its name cannot be sent.
MetadataTable::Entry* MetadataTable::entry(std::string_view family) {
    auto number = number_of(family);
    if (number == IndexTable::none) {
        if (!acceptable(family)) return nullptr;
        entries_.emplace_back();
        entries_.back().family.name = family;
        entries_.back().mentioned = ++lines_;
        bytes_ += size_of(entries_.back());
        file(static_cast<Number>(entries_.size() - 1));
        make_room();
        number = number_of(family);
    }
    entries_[number].mentioned = ++lines_;
    return &entries_[number];
}

void MetadataTable::set(Entry& entry, std::string& text, std::string_view said) {
    bytes_ -= size_of(entry);
    text = said;
    bytes_ += size_of(entry);
    make_room();
}

void MetadataTable::file(Number number) {
    const auto hash_of = [this](Number n) { return hash_bytes(entries_[n].family.name); };
    index_.insert(hash_of(number), number, hash_of);
}

// Drops an eighth at once, so that a table that is full is not searched for every new family. The newest
// always stays.
void MetadataTable::make_room() {
    while (bytes_ > cap_bytes_ && entries_.size() > 1) {
        std::vector<std::uint64_t> ages;
        for (const auto& entry : entries_) ages.push_back(entry.mentioned);
        const auto eighth = ages.begin() + static_cast<std::ptrdiff_t>((ages.size() - 1) / 8);
        std::nth_element(ages.begin(), eighth, ages.end());
        std::erase_if(entries_, [limit = *eighth](const Entry& entry) { return entry.mentioned <= limit; });
        bytes_ = 0;
        index_ = IndexTable();
        for (Number n = 0; n < entries_.size(); ++n) {
            bytes_ += size_of(entries_[n]);
            file(n);
        }
    }
}

}  // namespace pifleet::forwarder
