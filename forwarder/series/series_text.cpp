#include "forwarder/series/series_text.hpp"

namespace pifleet::forwarder {

namespace {

constexpr std::size_t most = 1000, most_value = 200;

void append_value(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value.substr(0, most_value)) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    out += value.size() > most_value ? "…\"" : "\"";
}

}  // namespace

std::string series_text(LabelReader labels) {
    std::string name, rest;
    for (metrics::Label label; labels.next(label);) {
        if (label.name == "__name__") {
            name = label.value.substr(0, most_value);
            continue;
        }
        if (rest.size() > most) {
            rest += ",…";
            break;
        }
        if (!rest.empty()) rest += ',';
        rest += label.name.substr(0, most_value);
        rest += '=';
        append_value(rest, label.value);
    }
    return rest.empty() ? name : name + '{' + rest + '}';
}

}  // namespace pifleet::forwarder
