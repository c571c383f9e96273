#include "exporters/k8s_state/packed_texts.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>

namespace pifleet::k8s {

namespace {

// realloc: a block mostly grows where it is.
TextBlock* resized(TextBlock* block, std::size_t room) {
    void* const memory = std::realloc(block, sizeof(TextBlock) + room);
    if (memory == nullptr) throw std::bad_alloc();
    auto* const out = static_cast<TextBlock*>(memory);
    if (block == nullptr) new (out) TextBlock();
    out->room = static_cast<std::uint32_t>(room);
    return out;
}

void release(TextBlock* block) {
    if (block != nullptr && --block->holders == 0) std::free(block);
}

}  // namespace

SharedText::~SharedText() {
    release(block_);
}

PackedTexts::~PackedTexts() {
    release(block_);
}

std::size_t PackedTexts::offset(unsigned slot) const {
    return std::accumulate(block_->lengths, block_->lengths + slot, std::size_t{0});
}

std::string_view PackedTexts::at(unsigned slot) const {
    if (block_ == nullptr || block_->lengths[slot] == 0) return {};
    return {block_->text() + offset(slot), block_->lengths[slot]};
}

void PackedTexts::put(unsigned slot, std::string_view text, bool spare) {
    if (block_ == nullptr && text.empty()) return;
    const auto before = block_ == nullptr ? 0 : offset(slot);
    const std::size_t old = block_ == nullptr ? 0 : block_->lengths[slot];
    const std::size_t size = (block_ == nullptr ? 0 : block_->size) - old + text.size();
    if (size == 0) return release(std::exchange(block_, nullptr));
    const auto wanted = spare ? size + size / 4 : size;
    if (block_ != nullptr && block_->holders > 1) {
        auto* const copy = resized(nullptr, std::max(wanted, std::size_t{block_->size}));
        std::memcpy(copy->lengths, block_->lengths, sizeof copy->lengths);
        std::memcpy(copy->text(), block_->text(), block_->size);
        copy->size = block_->size;
        release(std::exchange(block_, copy));
    } else if (block_ == nullptr || block_->room < size) {
        block_ = resized(block_, wanted);
    }
    char* const at = block_->text() + before;
    std::memmove(at + text.size(), at + old, block_->size - before - old);
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    block_->lengths[slot] = static_cast<std::uint32_t>(text.size());
    block_->size = static_cast<std::uint32_t>(size);
    if (!spare && block_->room > size + size / 8) fit();
}

void PackedTexts::reserve(std::size_t room) {
    const auto held = block_ == nullptr ? 0 : block_->room;
    if (room > held && (block_ == nullptr || block_->holders == 1)) block_ = resized(block_, room);
}

void PackedTexts::fit() {
    if (block_ == nullptr || block_->holders != 1 || block_->room == block_->size) return;
    if (block_->size == 0) return release(std::exchange(block_, nullptr));
    block_ = resized(block_, block_->size);
}

}  // namespace pifleet::k8s
