#include "common/kubernetes/json_peek.hpp"

#include "common/kubernetes/value_scanner.hpp"

#include <charconv>
#include <cstdint>

namespace pifleet::kubernetes {

namespace {

std::string_view past_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

// Takes a value off the front; empty: it does not end.
std::string_view take_value(std::string_view& text) {
    ValueScanner scanner;
    const auto value = text.substr(0, scanner.take(text));
    if (!scanner.done()) return {};
    text.remove_prefix(value.size());
    return value;
}

std::optional<std::string_view> find_one(std::string_view json, std::string_view name) {
    json = past_blanks(json);
    if (!json.starts_with('{')) return std::nullopt;
    json.remove_prefix(1);
    for (;;) {
        json = past_blanks(json);
        if (json.starts_with(',')) json = past_blanks(json.substr(1));
        if (!json.starts_with('"')) return std::nullopt;
        const auto key = take_value(json);
        json = past_blanks(json);
        if (key.empty() || !json.starts_with(':')) return std::nullopt;
        json = past_blanks(json.substr(1));
        const auto value = take_value(json);
        if (value.empty()) return std::nullopt;
        const auto inner = key.substr(1, key.size() - 2);
        if (inner == name || (inner.find('\\') != inner.npos && unescape(inner) == name)) return value;
    }
}

std::optional<std::uint32_t> hex4(std::string_view text) {
    std::uint32_t value = 0;
    if (text.size() < 4) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
    if (error != std::errc() || end != text.data() + 4) return std::nullopt;
    return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | (c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | (c >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | (c >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

// Of the four digits behind "\u", and of a second "\uXXXX" where they are half of a character.
void append_escape(std::string& out, std::string_view& text) {
    constexpr std::uint32_t unknown = 0xfffd;
    const auto first = hex4(text);
    text.remove_prefix(first ? 4 : 0);
    auto c = first.value_or(unknown);
    if (c >= 0xd800 && c < 0xe000) {
        const auto second = c < 0xdc00 && text.starts_with("\\u") ? hex4(text.substr(2)) : std::nullopt;
        const bool pair = second && *second >= 0xdc00 && *second < 0xe000;
        c = pair ? 0x10000 + ((c - 0xd800) << 10) + (*second - 0xdc00) : unknown;
        if (pair) text.remove_prefix(6);
    }
    append_utf8(out, c);
}

}  // namespace

std::string unescape(std::string_view inner) {
    std::string out;
    out.reserve(inner.size());
    while (!inner.empty()) {
        const char c = inner.front();
        inner.remove_prefix(1);
        if (c != '\\' || inner.empty()) {
            out += c;
            continue;
        }
        const char escape = inner.front();
        inner.remove_prefix(1);
        switch (escape) {
            case 'n':
                out += '\n';
                break;
            case 't':
                out += '\t';
                break;
            case 'r':
                out += '\r';
                break;
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case 'u':
                append_escape(out, inner);
                break;
            default:
                out += escape;
        }
    }
    return out;
}

std::string plain_text(std::string_view quoted) {
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') return {};
    return unescape(quoted.substr(1, quoted.size() - 2));
}

std::optional<std::string_view> find_member(std::string_view json,
                                            std::initializer_list<std::string_view> path) {
    for (const auto name : path) {
        const auto found = find_one(json, name);
        if (!found) return std::nullopt;
        json = *found;
    }
    return json;
}

std::string text_member(std::string_view json, std::initializer_list<std::string_view> path) {
    const auto found = find_member(json, path);
    return found ? plain_text(*found) : std::string();
}

}  // namespace pifleet::kubernetes
