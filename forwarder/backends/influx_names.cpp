#include "forwarder/backends/influx_names.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

constexpr bool control(char c) {
    return static_cast<unsigned char>(c) < 0x20;
}

bool special(char c) {
    return c == ',' || c == '=' || c == ' ' || c == '\\';
}

bool bad_backslash(std::string_view text, std::size_t at) {
    return text[at] == '\\' && (at + 1 == text.size() || special(text[at + 1]));
}

bool legal_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (control(text[i]) || bad_backslash(text, i)) return false;
    return true;
}

std::string mended_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
        out += control(text[i]) ? ' ' : bad_backslash(text, i) ? '/' : text[i];
    return out;
}

bool reserved(std::string_view name) {
    return name.empty() || name.front() == '_' || name.front() == '#' || name == "time";
}

// Such a name gets a letter in front.
std::string unreserved(std::string name) {
    return reserved(name) ? "x" + (name == "time" ? "_" + name : name) : name;
}

bool legal_name(std::string_view name) {
    return !reserved(name) && legal_text(name);
}
std::string mended_name(std::string_view name) {
    return unreserved(mended_text(name));
}

bool plain(char c) {
    return ascii_alphanumeric(c) || c == '_';
}
bool plain_name(std::string_view name) {
    return !reserved(name) && std::all_of(name.begin(), name.end(), plain);
}
std::string underscored(std::string_view name) {
    return unreserved(replaced(name, '_', plain));
}

}  // namespace

constinit const NameRules influx_names{
    legal_name, legal_name, mended_name, mended_name, legal_text, mended_text};
constinit const NameRules influx_underscored{
    plain_name, plain_name, underscored, underscored, legal_text, mended_text};

}  // namespace pifleet::forwarder
