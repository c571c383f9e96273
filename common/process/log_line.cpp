#include "common/process/log_line.hpp"

#include "common/base/utf8.hpp"

#include <cstdio>
#include <ctime>

namespace pifleet::log {

namespace {

// Both formats escape alike; JSON's rules for strings are logfmt's.
void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        if (!character.valid) {
            out += "\ufffd";
        } else if (character.point == '"' || character.point == '\\') {
            out += '\\';
            out += text.front();
        } else if (character.point == '\n') {
            out += "\\n";
        } else if (character.point == '\t') {
            out += "\\t";
        } else if (character.point == '\r') {
            out += "\\r";
        } else if (control_character(character.point)) {
            char escape[16];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(character.point));
            out += escape;
        } else {
            out += text.substr(0, character.length);
        }
        text.remove_prefix(character.length);
    }
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    while (!text.empty()) {
        const Utf8Character character = first_character(text);
        const bool special = character.point == ' ' || character.point == '=' || character.point == '"' ||
                             character.point == '\\' || control_character(character.point);
        if (!character.valid || special) return true;
        text.remove_prefix(character.length);
    }
    return false;
}

// `text`, or its beginning and "…".
std::string bounded(std::string_view text) {
    const std::string_view kept = utf8_prefix(text, longest_value);
    return kept.size() < text.size() ? std::string(kept) + "…" : std::string(kept);
}

}  // namespace

void append_logfmt(std::string& out, std::string_view key, std::string_view value) {
    const std::string text = bounded(value);
    if (!out.empty()) out += ' ';
    out += key;
    out += '=';
    if (needs_quotes(text)) {
        out += '"';
        append_escaped(out, text);
        out += '"';
    } else {
        out += text;
    }
}

void append_json(std::string& out, std::string_view key, std::string_view value) {
    if (!out.empty()) out += ',';
    out += '"';
    append_escaped(out, key);
    out += "\":\"";
    append_escaped(out, bounded(value));
    out += '"';
}

std::string line_body(Format format, std::string_view message, std::initializer_list<Field> fields) {
    const auto append = format == Format::json ? append_json : append_logfmt;
    std::string body;
    append(body, "msg", message);
    for (const Field& field : fields) append(body, field.key, field.value);
    return body;
}

std::string timestamp(std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto since_epoch = floor<milliseconds>(time.time_since_epoch());
    const auto whole = floor<seconds>(since_epoch);
    const std::time_t when = whole.count();
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(
        text + length, sizeof text - length, ".%03dZ", static_cast<int>((since_epoch - whole).count()));
    return text;
}

std::string_view level_name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            break;
    }
    return "error";
}

}  // namespace pifleet::log
