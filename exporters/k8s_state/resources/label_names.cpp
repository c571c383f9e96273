#include "exporters/k8s_state/resources/label_names.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pifleet::k8s {

namespace {

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string label_name(std::string_view prefix, std::string_view key) {
    std::string out(prefix);
    out += '_';
    char before = '_';
    for (const char c : key) {
        const bool legal = is_upper(c) || is_lower_or_digit(c) || c == '_';
        if (is_upper(c) && is_lower_or_digit(before)) out += '_';
        out += !legal ? '_' : is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        before = c;
    }
    return out;
}

void tell_apart(std::vector<std::string>& names) {
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return;
    struct Same {
        int names = 0;
        int last = 0;  // number that was given to one of them
    };
    std::map<std::string, Same, std::less<>> same;
    std::set<std::string, std::less<>> taken;
    for (const auto& name : names) {
        ++same[name].names;
        taken.insert(name);
    }
    for (auto& name : names) {
        auto& group = same.find(name)->second;
        if (group.names == 1) continue;
        const auto base = name;
        do {
            name = base + "_conflict" + std::to_string(++group.last);
        } while (!taken.insert(name).second);
    }
}

}  // namespace pifleet::k8s
