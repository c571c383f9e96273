#include "forwarder/backends/json_text.hpp"

#include "common/base/utf8.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

constexpr char hex[] = "0123456789abcdef";

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
    const auto plain = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '"' &&
               c != '\\';
    };
    while (!text.empty()) {
        const auto end = std::find_if_not(text.begin(), text.end(), plain);
        out.append(text.begin(), end);
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
        if (text.empty()) return;
        const char c = text.front();
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4];
            out += hex[static_cast<unsigned char>(c) & 15];
        } else {
            const auto character = first_character(text);
            out += character.valid ? text.substr(0, character.length) : std::string_view("\xef\xbf\xbd");
            text.remove_prefix(character.length);
            continue;
        }
        text.remove_prefix(1);
    }
}

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    append_json_escaped(out, text);
    out += '"';
}

}  // namespace pifleet::forwarder
