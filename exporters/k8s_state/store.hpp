// The lines of a kind's objects, laid out as a page wants them: family by family. Objects stand in groups of
// 64; a group has one text a family. A change rebuilds the texts that it changes, and nothing else. What the
// objects were before they became lines is not kept: only their names, and a hash that tells whether one has
// come again unchanged. No I/O; one thread.
#pragma once

#include "common/base/byte_store.hpp"
#include "common/base/index_table.hpp"
#include "exporters/k8s_state/packed_texts.hpp"
#include "exporters/k8s_state/samples.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

class Store {
  public:
    /// Which of several lists tells of an object: a kind may be watched by namespace or by node.
    using Source = std::uint32_t;

    explicit Store(std::size_t families) : families_(families) {}

    /// The object of this name is now these lines. `content` is a hash of what they were made of.
    void put(Source source, std::string_view name, std::uint64_t content, const Rendered& lines);
    /// Whether an object of this content is there already; it counts as seen by the list under way.
    bool seen(Source source, std::uint64_t content);
    /// The object is no more; nothing happens when another source has told of it since.
    void erase(Source source, std::string_view name);

    /// From here until end_list() what the source tells is all it has: the rest of its objects goes then.
    void begin_list(Source source);
    void end_list(Source source);
    /// All objects of a source go.
    void clear(Source source);

    std::size_t size() const { return names_index_.size(); }
    std::size_t families() const { return families_; }
    std::size_t bytes() const;  // of the texts and their heads

    /// The texts of all families as they are now, group by group; family i's begin at i * groups.
    struct Snapshot {
        std::size_t groups = 0;
        std::vector<SharedText> texts;
    };
    Snapshot share() const;

  private:
    using Number = IndexTable::Number;  // group * 64 + slot
    struct Group {
        std::uint64_t used = 0;  // a bit a slot
        std::vector<PackedTexts> families;
    };
    struct Entry {
        std::uint64_t content = 0;
        Source source = 0;
        std::uint32_t round = 0;  // of its source's lists, in which it was last seen
    };
    Number find(std::string_view name) const;
    Number take_slot();
    void expect_as_before(std::size_t group);
    void fill(Number number, const Rendered& lines);
    void file(Number number, std::string_view name, const Entry& entry);
    void unfile(Number number);
    void remove(Number number);
    void free_slot(Number number);
    void close_up();
    void move(Number from, Number to);
    template <class Condition>
    void remove_where(Source source, const Condition& condition);
    bool used(Number number) const { return groups_[number / 64].used >> (number % 64) & 1; }
    std::uint32_t& round(Source source);

    const std::size_t families_;
    std::vector<Group> groups_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> rounds_;  // by source
    std::size_t first_open_ = 0;         // no group before it has a free slot
    ByteStore names_;
    IndexTable names_index_, content_index_;
};

}  // namespace pifleet::k8s
