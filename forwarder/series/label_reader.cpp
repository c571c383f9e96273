#include "forwarder/series/label_reader.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

// A text with its length before it, cut off `rest`. False: there is none.
bool take_text(std::string_view& rest, std::string_view& text) {
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (rest.empty() || shift > 28) return false;
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        length |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    if (length > rest.size()) return false;
    text = rest.substr(0, length);
    rest.remove_prefix(length);
    return true;
}

void append_text(std::string& out, std::string_view text) {
    auto length = text.size();
    for (; length >= 0x80; length >>= 7) out += static_cast<char>(length | 0x80);
    out += static_cast<char>(length);
    out += text;
}

// The text up to `end`, cut off `rest` together with it; nothing when there is no such character.
bool take_until(std::string_view& rest, char end, std::string_view& text) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos) return false;
    text = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return true;
}

}  // namespace

LabelReader::LabelReader(std::string_view stored) {
    metrics::Label label;
    while (take_text(stored, label.name) && take_text(stored, label.value)) labels_.push_back(label);
}

LabelReader::LabelReader(std::string_view page, const LabelPairs& added) : more_(added) {
    const auto add = [this](const metrics::Label& label) {
        labels_.push_back(label);  // mostly in order, so this is all
        for (auto at = labels_.end() - 1; at != labels_.begin() && label.name < (at - 1)->name; --at)
            std::iter_swap(at, at - 1);
    };
    metrics::Label label{"__name__", {}};
    std::string_view rest = page;
    if (!take_until(rest, '{', label.value)) {
        label.value = page;
        rest = {};
    }
    add(label);
    while (take_until(rest, '=', label.name) && rest.starts_with('"')) {
        rest.remove_prefix(1);
        if (!take_until(rest, '"', label.value)) break;
        add(label);
        if (!rest.starts_with(',')) break;
        rest.remove_prefix(1);
    }
}

bool LabelReader::well_formed(std::string_view bytes) {
    if (bytes.empty()) return false;
    std::string_view last, name, value;
    while (!bytes.empty()) {
        if (!take_text(bytes, name) || !take_text(bytes, value) || name <= last)
            return false;  // so no name is empty either
        last = name;
    }
    return true;
}

void append_stored(std::string& out, metrics::Labels labels) {
    for (const auto& label : labels) {
        append_text(out, label.name);
        append_text(out, label.value);
    }
}

bool reads_as(std::string_view page, const LabelPairs& added, metrics::Labels labels) {
    if (page.find('\\') != std::string_view::npos) return false;
    LabelReader reader(page, added);
    metrics::Label label;
    std::size_t i = 0;
    for (; reader.next(label); ++i)
        if (i == labels.size() || labels[i] != label) return false;
    return i == labels.size();
}

}  // namespace pifleet::forwarder
