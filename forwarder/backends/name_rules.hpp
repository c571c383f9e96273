// What a format asks of names and of labels' values, and what those become that are not to its liking.
#pragma once

#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct NameRules {
    using Legal = bool (*)(std::string_view);
    using Mended = std::string (*)(std::string_view);

    Legal legal_metric, legal_label;
    Mended metric, label;
    Legal legal_value = nullptr;  // null: every one is
    Mended value = nullptr;       // a label whose value becomes "" is left out
};

/// Prometheus's names of before UTF-8 (series/names.hpp).
extern const NameRules prometheus_names;

/// The text with `with` for each byte, or character of UTF-8, that is none of `legal` (a predicate of ASCII).
template <class LegalByte>
std::string replaced(std::string_view text, char with, const LegalByte& legal) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) == 0x80) continue;  // the rest of a character
        out += legal(c) ? c : with;
    }
    return out;
}

constexpr bool ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool ascii_alphanumeric(char c) {
    return ascii_letter(c) || (c >= '0' && c <= '9');
}

}  // namespace pifleet::forwarder
