// A hash index of numbers: it finds the number of a thing by the thing's bytes, while the thing itself lies
// in the caller's array. Open addressing, 4 bytes a slot, at most 3/4 full: a tenth of what a node-based map
// takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pifleet {

/// A quick hash for tables in memory, eight bytes a step; not stable between versions, never written
/// anywhere.
std::uint64_t hash_bytes(std::string_view bytes);

class IndexTable {
  public:
    using Number = std::uint32_t;
    static constexpr Number none = 0xffffffff;

    /// The number for which `same(number)` holds among those filed under `hash`, or none.
    template <class Same>
    Number find(std::uint64_t hash, const Same& same) const {
        if (slots_.empty()) return none;
        for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
            if (slots_[at] == none) return none;
            if (slots_[at] != gone && same(slots_[at])) return slots_[at];
        }
    }

    /// Files a number that is not there yet. `hash_of(number)` gives the hash of any number filed before: the
    /// table keeps none and asks again when it grows.
    template <class HashOf>
    void insert(std::uint64_t hash, Number number, const HashOf& hash_of) {
        if ((used_ + 1) * 4 > slots_.size() * 3) grow(hash_of);
        place(hash, number);
        ++used_;
        ++size_;
    }

    void erase(std::uint64_t hash, Number number) {
        for (std::size_t at = hash & mask(); slots_[at] != none; at = (at + 1) & mask()) {
            if (slots_[at] != number) continue;
            slots_[at] = gone;
            --size_;
            return;
        }
    }

    std::size_t size() const { return size_; }

  private:
    static constexpr Number gone = 0xfffffffe;
    std::size_t mask() const { return slots_.size() - 1; }
    void place(std::uint64_t hash, Number number) {
        std::size_t at = hash & mask();
        while (slots_[at] != none) at = (at + 1) & mask();
        slots_[at] = number;
    }
    template <class HashOf>
    void grow(const HashOf& hash_of) {
        std::size_t room = 16;
        while (room * 3 < (size_ + 1) * 5)
            room *= 2;  // at most 60 % full, the slots of erased ones taken back
        std::vector<Number> old(room, none);
        old.swap(slots_);
        for (const auto number : old)
            if (number < gone) place(hash_of(number), number);
        used_ = size_;
    }

    std::vector<Number> slots_;  // a power of two of them
    std::size_t size_ = 0;
    std::size_t used_ = 0;  // with the erased ones
};

}  // namespace pifleet
