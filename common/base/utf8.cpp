#include "common/base/utf8.hpp"

#include <array>

namespace pifleet {

Utf8Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {1, lead, true};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {1, lead, false};
    std::uint32_t point = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {1, lead, false};
        point = point << 6 | (byte(i) & 0x3f);
    }
    constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < smallest[length] || surrogate || point > 0x10ffff) return {1, lead, false};
    return {length, point, true};
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto first = first_character(text);
        if (!first.valid) return false;
        text.remove_prefix(first.length);
    }
    return true;
}

bool control_character(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    std::size_t end = limit;
    // A character has at most three bytes behind its first.
    while (end > 0 && limit - end < 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string_view rest = utf8_prefix(text, limit);
    const bool cut = rest.size() < text.size();
    std::string out;
    while (!rest.empty()) {
        const Utf8Character character = first_character(rest);
        const bool shown = character.valid && !control_character(character.point);
        out += shown ? rest.substr(0, character.length) : std::string_view("\ufffd");
        rest.remove_prefix(character.length);
    }
    return cut ? out + "…" : out;
}

}  // namespace pifleet
