#include "forwarder/series/names.hpp"

#include "common/base/utf8.hpp"

#include <cstddef>

namespace pifleet::forwarder {

namespace {

bool legal(char c, bool first, bool colons) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c == ':' && colons) ||
           (c >= '0' && c <= '9' && !first);
}

bool legal(std::string_view name, bool colons) {
    for (std::size_t i = 0; i < name.size(); ++i)
        if (!legal(name[i], i == 0, colons)) return false;
    return !name.empty();
}

std::string underscored(std::string_view name, bool colons) {
    std::string out;
    while (!name.empty()) {
        out += legal(name.front(), out.empty(), colons) ? name.front() : '_';
        name.remove_prefix(first_character(name).length);
    }
    return out;
}

}  // namespace

bool legacy_metric_name(std::string_view name) {
    return legal(name, true);
}

bool legacy_label_name(std::string_view name) {
    return legal(name, false);
}

std::string underscored_metric_name(std::string_view name) {
    return underscored(name, true);
}

std::string underscored_label_name(std::string_view name) {
    return underscored(name, false);
}

}  // namespace pifleet::forwarder
