#include "common/base/byte_store.hpp"

#include <cstring>
#include <stdexcept>

namespace pifleet {

namespace {

// Before each string: its number, so that a chunk can be walked, and its length as a varint.

std::size_t head_size(std::size_t length) {
    std::size_t size = sizeof(ByteStore::Number) + 1;
    for (; length >= 0x80; length >>= 7) ++size;
    return size;
}

char* put_head(char* at, ByteStore::Number number, std::size_t length) {
    std::memcpy(at, &number, sizeof number);
    at += sizeof number;
    for (; length >= 0x80; length >>= 7) *at++ = static_cast<char>(length | 0x80);
    *at++ = static_cast<char>(length);
    return at;
}

std::string_view read(const char* at) {
    at += sizeof(ByteStore::Number);
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        length |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return {at, length};
    }
}

}  // namespace

char* ByteStore::make_room(std::size_t size, Place& place) {
    if (open_ >= chunks_.size() || chunks_[open_].used + size > chunks_[open_].size) {
        std::size_t index = chunks_.size();
        if (free_chunks_.empty()) {
            if (index == nowhere >> chunk_bits) throw std::length_error("ByteStore is full");
            chunks_.emplace_back();
        } else {
            index = free_chunks_.back();
            free_chunks_.pop_back();
        }
        auto& chunk = chunks_[index];
        chunk.size = size > chunk_size ? size : chunk_size;  // a long one has a chunk of its own
        chunk.bytes.reset(new char[chunk.size]);             // not make_unique: that would touch every page
        chunk.used = chunk.live = 0;
        room_ += chunk.size;
        open_ = index;
    }
    auto& chunk = chunks_[open_];
    place = static_cast<Place>(open_ << chunk_bits | chunk.used);
    char* const at = chunk.bytes.get() + chunk.used;
    chunk.used += size;
    chunk.live += size;
    live_ += size;
    return at;
}

void ByteStore::put(Number number, std::string_view bytes) {
    if (number >= where_.size()) where_.resize(number + std::size_t{1}, nowhere);
    Place place = nowhere;
    char* at = make_room(head_size(bytes.size()) + bytes.size(), place);
    at = put_head(at, number, bytes.size());
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    where_[number] = place;
}

std::string_view ByteStore::at(Number number) const {
    return read(address(where_[number]));
}

void ByteStore::remove(Number number) {
    const auto size = at(number).size();
    const auto index = where_[number] >> chunk_bits;
    auto& chunk = chunks_[index];
    chunk.live -= head_size(size) + size;
    live_ -= head_size(size) + size;
    where_[number] = nowhere;
    if (chunk.live == 0) free_chunk(index);
}

void ByteStore::free_chunk(std::size_t index) {
    auto& chunk = chunks_[index];
    room_ -= chunk.size;
    chunk = Chunk{};
    free_chunks_.push_back(index);
    if (open_ == index) open_ = static_cast<std::size_t>(-1);
}

void ByteStore::tidy() {
    if (room_ < live_ + live_ / 4 + 2 * chunk_size) return;
    for (std::size_t index = 0; index < chunks_.size(); ++index)
        if (index != open_ && chunks_[index].bytes && chunks_[index].live * 2 < chunks_[index].used)
            empty_out(index);
}

// Moves what lives in a chunk to the one being filled. A string is alive if its number says it lies here.
void ByteStore::empty_out(std::size_t index) {
    const auto chunk = std::move(chunks_[index]);
    live_ -= chunk.live;
    chunks_[index] = Chunk{};
    std::vector<std::pair<Number, std::string_view>> alive;
    for (std::size_t at = 0; at < chunk.used;) {
        const auto bytes = read(chunk.bytes.get() + at);
        Number number;
        std::memcpy(&number, chunk.bytes.get() + at, sizeof number);
        if (where_[number] == (index << chunk_bits | at)) alive.emplace_back(number, bytes);
        at += head_size(bytes.size()) + bytes.size();
    }
    for (const auto& [number, bytes] : alive) put(number, bytes);
    room_ -= chunk.size;
    free_chunks_.push_back(index);
}

}  // namespace pifleet
