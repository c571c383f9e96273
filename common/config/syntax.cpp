#include "common/config/syntax.hpp"

#include "common/base/utf8.hpp"

#include <algorithm>

namespace pifleet::config {

namespace {

// What yaml-cpp's shorter messages mostly mean.
struct Hint {
    std::string_view theirs;
    std::string_view ours;
};
constexpr Hint hints[] = {
    {"illegal map value", "a text that holds ': ' must stand in quotes, and a key needs a line of its own"},
    {"end of map not found", "the indentation does not fit the lines above, or quotes are missing"},
    {"end of sequence not found", "the indentation does not fit the lines above, or quotes are missing"},
    {"end of map flow not found", "a { is not closed"},
    {"end of sequence flow not found", "a [ is not closed"},
    {"illegal EOF in scalar", "a quote is not closed"},
    {"unknown token", "a text that begins with this character must stand in quotes"},
    {"the referenced anchor is not defined", "an anchor (&name) must stand above its alias (*name)"},
};

std::string_view line_at(std::string_view text, int line) {
    for (; line > 1 && text.find('\n') != text.npos; --line) text.remove_prefix(text.find('\n') + 1);
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::string syntax_fault(std::string_view text, Place place, std::string_view theirs) {
    const std::string_view line = line_at(text, place.line);
    const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
    if (place.line > 0 && indentation.find('\t') != indentation.npos)
        return "a tab in the indentation; YAML takes blanks only (" + std::string(theirs) + ")";
    for (const Hint& hint : hints)
        if (theirs.starts_with(hint.theirs)) return std::string(hint.ours) + " (" + std::string(theirs) + ")";
    return "no valid YAML: " + std::string(theirs);
}

bool quote_is_closed(std::string_view text) {
    while (!text.empty() && (text.front() == '&' || text.front() == '!')) {
        text.remove_prefix(std::min(text.find_first_of(" \t\r\n"), text.size()));
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    }
    if (text.empty() || (text.front() != '\'' && text.front() != '"')) return true;
    const char quote = text.front();
    for (std::size_t i = 1; i < text.size(); ++i) {
        const bool doubled = quote == '\'' && text.substr(i, 2) == "''";
        if (doubled || (quote == '"' && text[i] == '\\'))
            ++i;
        else if (text[i] == quote)
            return true;
    }
    return false;
}

bool check_characters(std::string_view text, Faults& faults) {
    Place place{1, 1};
    for (std::string_view rest = text; !rest.empty();) {
        const Utf8Character character = first_character(rest);
        if (!character.valid) {
            faults.add(place, "expected UTF-8 text; this byte is none");
            return false;
        }
        const bool allowed = character.point == '\t' || character.point == '\n' || character.point == '\r' ||
                             character.point == 0x85;
        if (control_character(character.point) && !allowed) {
            faults.add(place, "a control character, which no YAML file may hold");
            return false;
        }
        place = character.point == '\n' ? Place{place.line + 1, 1} : Place{place.line, place.column + 1};
        rest.remove_prefix(character.length);
    }
    return true;
}

}  // namespace pifleet::config
