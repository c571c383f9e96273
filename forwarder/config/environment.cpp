#include "forwarder/config/environment.hpp"

#include <cstddef>

namespace pifleet::forwarder {

namespace {

bool of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// One character that is a name by itself, as in a shell.
bool special(char c) {
    return (c >= '0' && c <= '9') || std::string_view("*#$@!?-").find(c) != std::string_view::npos;
}

struct Reference {
    std::string_view name;  // empty: there is none
    std::size_t length;     // what it takes of the text behind the dollar
};

// In braces any name goes, up to the first closing one.
Reference braced(std::string_view text) {
    const auto end = text.find('}');
    if (end == std::string_view::npos) return {{}, 1};
    return {text.substr(1, end - 1), end + 1};
}

// What stands behind a dollar; `text` is not empty.
Reference reference(std::string_view text) {
    if (text.front() == '{') return braced(text);
    if (special(text.front())) return {text.substr(0, 1), 1};
    std::size_t end = 0;
    while (end < text.size() && of_word(text[end])) ++end;
    return {text.substr(0, end), end};
}

}  // namespace

std::string expand_variables(std::string_view text,
                             const std::function<std::string(const std::string& name)>& value_of) {
    std::string out;
    for (auto dollar = text.find('$'); dollar != std::string_view::npos && dollar + 1 < text.size();
         dollar = text.find('$')) {
        out += text.substr(0, dollar);
        text.remove_prefix(dollar + 1);
        const auto found = reference(text);
        if (found.name == "$" || found.length == 0)
            out += '$';
        else if (!found.name.empty())
            out += value_of(std::string(found.name));
        text.remove_prefix(found.length);
    }
    return out += text;
}

}  // namespace pifleet::forwarder
