#include "forwarder/relabel/expansion.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/relabel/characters.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

// The letters, digits and _ at the beginning.
std::string_view leading_name(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size()) {
        const auto next = first_character(text.substr(length));
        if (!next.valid || !(next.point == '_' || letter_or_digit(next.point))) break;
        length += next.length;
    }
    return text.substr(0, length);
}

// Behind a $: the name, which is cut off with its braces; empty when there is none.
std::string_view take_name(std::string_view& text) {
    const bool braces = text.starts_with('{');
    const auto name = leading_name(text.substr(braces ? 1 : 0));
    if (name.empty() || (braces && text.substr(1 + name.size(), 1) != "}")) return {};
    text.remove_prefix(name.size() + (braces ? 2 : 0));
    return name;
}

// "01" is a name, not the number 1.
bool is_number(std::string_view name) {
    const bool digits = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits && (name.size() == 1 || name.front() != '0');
}

}  // namespace

Expansion::Expansion(std::string_view text, const Pattern& pattern) {
    const auto named = pattern.named_groups();
    const auto group_of = [&](std::string_view name) {
        if (is_number(name)) {
            const auto number = to_unsigned(name);
            return number && *number <= pattern.groups() ? static_cast<std::size_t>(*number) : none;
        }
        const auto found = named.find(std::string(name));
        return found == named.end() ? none : static_cast<std::size_t>(found->second);
    };
    std::string plain;
    while (!text.empty()) {
        const auto dollar = std::min(text.find('$'), text.size());
        plain += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.empty()) break;
        text.remove_prefix(1);
        if (text.starts_with('$')) {
            plain += '$';
            text.remove_prefix(1);
        } else if (const auto name = take_name(text); name.empty()) {
            plain += '$';
        } else if (const auto group = group_of(name); group != none) {
            pieces_.push_back({std::exchange(plain, {}), group});
            groups_ = std::max(groups_, group + 1);
        }
    }
    if (!plain.empty()) pieces_.push_back({std::move(plain), none});
}

std::string Expansion::expand(const Pattern::Groups& groups) const {
    std::string out;
    for (const auto& piece : pieces_) {
        out += piece.text;
        if (piece.group != none) out += groups[piece.group];
    }
    return out;
}

}  // namespace pifleet::forwarder
