#include "forwarder/commands/series_line.hpp"

#include <algorithm>
#include <string_view>

namespace pifleet::forwarder {

namespace {

enum class Of { metric, label };

bool plain(std::string_view name, Of of) {
    const bool digit_first = name.empty() || (name.front() >= '0' && name.front() <= '9');
    return !digit_first && std::all_of(name.begin(), name.end(), [of](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (c == ':' && of == Of::metric);
    });
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    out += '"';
}

}  // namespace

void append_series(std::string& out, LabelReader labels) {
    std::string name, rest;
    for (metrics::Label label; labels.next(label);) {
        if (label.name == "__name__") {
            name = label.value;
            continue;
        }
        if (!rest.empty()) rest += ',';
        if (plain(label.name, Of::label))
            rest += label.name;
        else
            append_quoted(rest, label.name);
        rest += '=';
        append_quoted(rest, label.value);
    }
    if (!plain(name, Of::metric) && !name.empty()) {
        std::string quoted;
        append_quoted(quoted, name);
        rest = quoted + (rest.empty() ? "" : ",") + rest;
        name.clear();
    }
    out += name;
    if (!rest.empty()) out.append("{").append(rest).append("}");
}

}  // namespace pifleet::forwarder
