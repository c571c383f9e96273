// Up to 64 texts close together in one piece of memory, so that all of them are one view: what a scrape
// sends. Shared by counting: while somebody else holds the piece, a change is made to a copy, so that a
// scrape under way keeps what it has begun. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pifleet::k8s {

/// The memory of PackedTexts: a head, then the texts in the order of their slots.
struct TextBlock {
    static constexpr unsigned slots = 64;
    std::uint32_t holders = 1;
    std::uint32_t size = 0, room = 0;  // of the texts
    std::uint32_t lengths[slots] = {};

    char* text() { return reinterpret_cast<char*>(this + 1); }
    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
};

/// A share in texts as they stood when it was taken.
class SharedText {
  public:
    SharedText() = default;
    explicit SharedText(TextBlock* block) : block_(block) {
        if (block_ != nullptr) ++block_->holders;
    }
    SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    SharedText& operator=(SharedText&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~SharedText();

    std::string_view view() const {
        return block_ == nullptr ? std::string_view() : std::string_view(block_->text(), block_->size);
    }

  private:
    TextBlock* block_ = nullptr;
};

/// Texts that are all empty take no memory.
class PackedTexts {
  public:
    static constexpr unsigned slots = TextBlock::slots;

    PackedTexts() = default;
    PackedTexts(PackedTexts&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    PackedTexts& operator=(PackedTexts&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~PackedTexts();

    std::string_view at(unsigned slot) const;
    /// The text of a slot from now on. With `spare`, room is taken for more to come.
    void put(unsigned slot, std::string_view text, bool spare);
    /// Takes room for so many bytes at once.
    void reserve(std::size_t room);
    /// Gives back room that is not used.
    void fit();

    SharedText share() const { return SharedText(block_); }
    std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
    std::size_t bytes() const { return block_ == nullptr ? 0 : sizeof(TextBlock) + block_->room; }

  private:
    std::size_t offset(unsigned slot) const;
    TextBlock* block_ = nullptr;
};

}  // namespace pifleet::k8s
