#include "forwarder/config/rows.hpp"

#include <algorithm>

namespace pifleet::forwarder {

using config::Faults;
using config::Node;

namespace {

bool label_name(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

void read_labels(const Node& node, Pairs& into, Faults& faults) {
    decode(node, into, faults);
    for (const auto& [key, value] : node.members)
        if (!label_name(key.text))
            faults.add(key.place,
                       "'" + key.text + "' is no label name: letters, digits and _ only, no digit first");
    std::sort(into.begin(), into.end());
}

void read_positive(const Node& node, Duration& into, Faults& faults) {
    Duration read{-1};
    decode(node, read, faults);
    if (read.count() == 0) faults.add(node.place, "expected a duration longer than 0, such as 15s");
    if (read.count() > 0) into = read;
}

void read_url(const Node& node, http::Url& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind != Node::Kind::scalar) return;
    if (auto url = http::parse_url(text))
        into = std::move(*url);
    else
        faults.add(node.place, url.error().message);
}

void read_count(const Node& node, std::int64_t& into, Faults& faults) {
    decode(node, into, faults);
    if (into < 0) faults.add(node.place, "expected a number that is not negative");
}

void read_unsupported(const Node& node, Faults& faults) {
    faults.add(node.place, "Prometheus has this key, this version of pifleet-forwarder does not support it");
}

}  // namespace pifleet::forwarder
