#include "forwarder/relabel/characters.hpp"

#include "common/base/utf8.hpp"

#include <locale.h>
#include <wctype.h>

namespace pifleet::forwarder {

namespace {

constexpr std::uint32_t first_beyond_ascii = 0x80;

// Opened at the first character that needs it, kept to the end. Null: there is none.
locale_t unicode() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

bool ascii_letter(std::uint32_t point) {
    return (point >= 'a' && point <= 'z') || (point >= 'A' && point <= 'Z');
}

void append(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | point >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | point >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

template <class Change>
std::string changed(std::string_view text, const Change& change) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto first = first_character(text);
        if (first.valid)
            append(out, change(first.point));
        else
            out += text.front();
        text.remove_prefix(first.length);
    }
    return out;
}

std::uint32_t to_lower(std::uint32_t point) {
    if (point < first_beyond_ascii) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return unicode() == nullptr ? point : ::towlower_l(static_cast<wint_t>(point), unicode());
}

std::uint32_t to_upper(std::uint32_t point) {
    if (point < first_beyond_ascii) return point >= 'a' && point <= 'z' ? point - 32 : point;
    return unicode() == nullptr ? point : ::towupper_l(static_cast<wint_t>(point), unicode());
}

}  // namespace

bool letter_or_digit(std::uint32_t point) {
    if (point < first_beyond_ascii) return ascii_letter(point) || (point >= '0' && point <= '9');
    return unicode() != nullptr && ::iswalnum_l(static_cast<wint_t>(point), unicode()) != 0;
}

std::string lowercase(std::string_view text) {
    return changed(text, to_lower);
}

std::string uppercase(std::string_view text) {
    return changed(text, to_upper);
}

}  // namespace pifleet::forwarder
