// Protobuf's wire format, written straight into a text: keys, varints, strings, messages whose length is
// known only behind them. In the header, because the encoders call these for every label of every series.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pifleet::forwarder::wire {

/// What stands before a field: its number and how it is written.
constexpr char varint_key(unsigned field) {
    return static_cast<char>(field << 3);
}
constexpr char eight_bytes_key(unsigned field) {
    return static_cast<char>(field << 3 | 1);
}
constexpr char length_key(unsigned field) {
    return static_cast<char>(field << 3 | 2);
}

inline std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

inline char* put_varint(char* at, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    return at;
}

/// A varint field, left out when 0 as every proto3 writer does.
inline char* put_number(char* at, unsigned field, std::uint64_t value) {
    if (value == 0) return at;
    *at++ = varint_key(field);
    return put_varint(at, value);
}
inline std::size_t number_size(std::uint64_t value) {
    return value == 0 ? 0 : 1 + varint_size(value);
}

// memcpy of a few bytes is mostly the call; names and values are short, so two overlapping words do for most.
inline char* put_bytes(char* at, std::string_view bytes) {
    const auto size = bytes.size();
    const auto two_words = [&]<class Word>(Word) {
        Word head, tail;
        std::memcpy(&head, bytes.data(), sizeof head);
        std::memcpy(&tail, bytes.data() + size - sizeof tail, sizeof tail);
        std::memcpy(at, &head, sizeof head);
        std::memcpy(at + size - sizeof tail, &tail, sizeof tail);
    };
    if (size > 16) {
        std::memcpy(at, bytes.data(), size);
    } else if (size >= 8) {
        two_words(std::uint64_t{});
    } else if (size >= 4) {
        two_words(std::uint32_t{});
    } else {
        for (std::size_t i = 0; i < size; ++i) at[i] = bytes[i];
    }
    return at + size;
}

inline std::size_t text_size(std::string_view text) {
    return 1 + varint_size(text.size()) + text.size();
}

inline char* put_text(char* at, unsigned field, std::string_view text) {
    *at++ = length_key(field);
    return put_bytes(put_varint(at, text.size()), text);
}

/// The most that a key and a varint, or a key and a length, take.
inline constexpr std::size_t most_head = 1 + 10;

/// The end of a text that grows: room is asked for before it is written to, and cut to size once, at the end.
class Tail {
  public:
    explicit Tail(std::string& out) : out_(out), used_(out.size()) {}
    ~Tail() { out_.resize(used_); }
    Tail(const Tail&) = delete;
    Tail& operator=(const Tail&) = delete;

    std::size_t used() const { return used_; }
    /// Everything before `end` is written.
    void use(const char* end) { used_ = static_cast<std::size_t>(end - out_.data()); }

    /// Room for `size` more bytes behind `at`; gives where `at` is now.
    char* room(char* at, std::size_t size) {
        const auto used = static_cast<std::size_t>(at - out_.data());
        if (out_.size() - used < size) out_.resize(std::max(2 * out_.size(), used + size));
        return out_.data() + used;
    }

    /// Begins a message behind what is used; gives where its first byte goes.
    char* open() { return room(out_.data() + used_, 1 + guessed_length_size) + 1 + guessed_length_size; }
    /// The message begun last ends at `end`. Its head is written and it counts as used.
    void close(unsigned field, const char* end) {
        char* const head = out_.data() + used_;
        char* const body = head + 1 + guessed_length_size;
        const auto size = static_cast<std::size_t>(end - body);
        const auto length_size = varint_size(size);
        if (length_size > guessed_length_size) {
            room(body + size, length_size - guessed_length_size);
            close_at(out_.data() + used_, field, size, length_size);
        } else {
            close_at(head, field, size, length_size);
        }
    }

  private:
    // The length of a message stands before it and is known behind it; nearly all take two bytes.
    static constexpr std::size_t guessed_length_size = 2;

    void close_at(char* head, unsigned field, std::size_t size, std::size_t length_size) {
        if (length_size != guessed_length_size)
            std::memmove(head + 1 + length_size, head + 1 + guessed_length_size, size);
        *head = length_key(field);
        use(put_varint(head + 1, size) + size);
    }

    std::string& out_;
    std::size_t used_;
};

}  // namespace pifleet::forwarder::wire
