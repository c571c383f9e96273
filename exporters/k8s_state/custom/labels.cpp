#include "exporters/k8s_state/custom/labels.hpp"

#include "exporters/k8s_state/custom/values.hpp"

#include <utility>

namespace pifleet::k8s {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_legal(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_character(char c) {  // of UTF-8
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

std::string legal_label(std::string_view name) {
    std::string out;
    if (name.empty() || is_digit(name.front())) out += '_';
    for (const char c : name)
        if (!continues_character(c)) out += is_legal(c) ? c : '_';
    return out;
}

bool is_legal_label(std::string_view name) {
    return !name.empty() && legal_label(name) == name;
}

void LabelPaths::add(std::string_view name, Path path) {
    if (name.starts_with('*') || name.ends_with('*'))
        stars_.insert_or_assign(std::string(name), std::move(path));
    else
        names_.insert_or_assign(std::string(name), std::move(path));
}

void LabelPaths::add_all(const LabelPaths& other) {
    for (const auto& [name, path] : other.stars_) stars_.insert_or_assign(name, path);
    for (const auto& [name, path] : other.names_) names_.insert_or_assign(name, path);
}

void LabelPaths::read(Json object, LabelTexts& into) const {
    for (const auto& [star, path] : stars_) {
        const auto prefix = star.ends_with('*') ? star.substr(0, star.size() - 1) : std::string();
        for (const auto& [key, value] : shown_members(path.get(object)))
            into.insert_or_assign(legal_label(prefix + std::string(key)), text_of(value));
    }
    for (const auto& [name, path] : names_)
        if (const auto value = path.get(object)) into.insert_or_assign(legal_label(name), text_of(value));
}

}  // namespace pifleet::k8s
