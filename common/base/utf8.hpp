// UTF-8 that comes from outside: looked at character by character, made safe to show, cut between characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pifleet {

struct Utf8Character {
    std::size_t length;   // in bytes
    std::uint32_t point;  // the code point
    bool valid;           // false: a single byte that begins no character
};

/// The first character of a text that is not empty. Overlong forms, surrogates and what is past U+10FFFF are
/// invalid.
Utf8Character first_character(std::string_view text);

bool valid_utf8(std::string_view text);

/// C0, DEL and C1: the last are commands to some terminals, too.
bool control_character(std::uint32_t point);

/// The beginning of `text` in at most `limit` bytes that does not end within a character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// `text` for a message on one line: control characters and invalid bytes become U+FFFD, and what is longer
/// than `limit` bytes ends in "…".
std::string printable(std::string_view text, std::size_t limit);

}  // namespace pifleet
