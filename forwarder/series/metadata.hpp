// What pages say of their families: type, help, unit; held once for all targets, the last word wins. Bounded:
// when the texts outgrow the cap, the families that were mentioned longest ago make room. A line that says
// what is known costs a hash and no allocation.
#pragma once

#include "common/base/index_table.hpp"
#include "common/metrics/model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

struct FamilyMetadata {
    std::string name;  // as the page's TYPE line has it
    std::string help;  // unescaped, valid UTF-8, cut at most_help bytes
    std::string unit;
    metrics::Type type = metrics::Type::unknown;
};

class MetadataTable {
  public:
    static constexpr std::size_t most_help = 1024, most_name = 256;

    /// The default holds about 20,000 families of usual texts.
    explicit MetadataTable(std::size_t cap_bytes = 4 * 1024 * 1024) : cap_bytes_(cap_bytes) {}

    /// What a page's TYPE, HELP and UNIT lines say. Families whose names are too long or no UTF-8 are left
    /// out.
    void note_type(std::string_view family, metrics::Type type);
    void note_help(std::string_view family, std::string_view escaped);
    void note_unit(std::string_view family, std::string_view unit);

    /// The family of this name, or nullptr. Valid until the next note.
    const FamilyMetadata* find(std::string_view family) const;

    /// The family of a series by the series' name: of that name, or of the name without the suffix that the
    /// family's type gives its series (a histogram's _bucket, a counter's _total …).
    const FamilyMetadata* of_series(std::string_view name) const;

    /// All of them, by a number that a note may change.
    std::size_t size() const { return entries_.size(); }
    const FamilyMetadata& at(std::size_t number) const { return entries_[number].family; }

    std::size_t bytes() const { return bytes_; }

  private:
    using Number = IndexTable::Number;
    struct Entry {
        FamilyMetadata family;
        std::uint64_t help_hash = 0;  // of the help as the page has it
        std::uint64_t mentioned = 0;  // how many lines there had been when one spoke of it last
    };
    static std::size_t size_of(const Entry& entry);
    Number number_of(std::string_view family) const;
    Entry* entry(std::string_view family);
    void file(Number number);
    void set(Entry& entry, std::string& text, std::string_view said);
    void make_room();

    std::size_t cap_bytes_;
    std::size_t bytes_ = 0;
    std::vector<Entry> entries_;
    IndexTable index_;
    std::uint64_t lines_ = 0;
};

}  // namespace pifleet::forwarder
