// Many short byte strings by number, close together: each takes its bytes and nine or ten more, where a
// std::string takes 32 and an allocation. Made for tables of a hundred thousand texts that live for months
// while some of them come and go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace pifleet {

class ByteStore {
  public:
    using Number = std::uint32_t;

    /// Keeps a copy under this number, which must be free; small numbers are best, for they index an array.
    void put(Number number, std::string_view bytes);
    /// What stands under a number in use. The view lives until the number is removed or tidy() is called.
    std::string_view at(Number number) const;
    bool has(Number number) const { return number < where_.size() && where_[number] != nowhere; }
    void remove(Number number);

    /// Gives back the room of what was removed, once it is worth the moving. Views die.
    void tidy();

    std::size_t room() const { return room_; }  // bytes taken from the heap, without the numbers' array

  private:
    using Place = std::uint32_t;  // chunk << chunk_bits | offset
    static constexpr unsigned chunk_bits = 16;
    static constexpr std::size_t chunk_size = std::size_t{1} << chunk_bits;
    static constexpr Place nowhere = 0xffffffff;
    struct Chunk {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
        std::size_t used = 0;  // from the beginning
        std::size_t live = 0;  // of these
    };
    const char* address(Place place) const {
        return chunks_[place >> chunk_bits].bytes.get() + (place & (chunk_size - 1));
    }
    char* make_room(std::size_t size, Place& place);
    void free_chunk(std::size_t index);
    void empty_out(std::size_t index);

    std::vector<Place> where_;
    std::vector<Chunk> chunks_;
    std::vector<std::size_t> free_chunks_;
    std::size_t open_ = static_cast<std::size_t>(-1);  // the chunk that is being filled
    std::size_t room_ = 0, live_ = 0;
};

}  // namespace pifleet
