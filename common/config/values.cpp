#include "common/config/values.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <cmath>

namespace pifleet::config {

namespace {

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

// Whether there is a scalar to be read. Nothing behind a key leaves the default, as in Prometheus.
bool scalar(const Node& node, std::string_view expected, Faults& faults) {
    if (node.kind == Node::Kind::sequence || node.kind == Node::Kind::mapping)
        faults.add(node.place,
                   "expected " + std::string(expected) + ", not " + std::string(kind_name(node.kind)));
    return node.kind == Node::Kind::scalar;
}

// A number or switch in quotes is a text to Prometheus, which refuses it.
bool unquoted(const Node& node, std::string_view expected, Faults& faults) {
    if (!scalar(node, expected, faults)) return false;
    if (node.quoted)
        faults.add(
            node.place,
            "expected " + std::string(expected) + " without quotes, not the text " + in_quotes(node.text));
    return !node.quoted;
}

template <class T>
void take(const Result<T>& read, const Node& node, T& into, Faults& faults) {
    if (read)
        into = *read;
    else
        faults.add(node.place, read.error().message);
}

}  // namespace

void decode(const Node& node, std::string& into, Faults& faults) {
    if (scalar(node, "text", faults)) into = node.text;
}

void decode(const Node& node, bool& into, Faults& faults) {
    constexpr std::string_view expected = "true or false";
    if (!unquoted(node, expected, faults)) return;
    // What YAML 1.1 and Prometheus's reader take, in the spellings yes, Yes and YES.
    constexpr std::string_view yes[] = {
        "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
    constexpr std::string_view no[] = {
        "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
    const auto among = [&](const auto& words) {
        return std::find(std::begin(words), std::end(words), node.text) != std::end(words);
    };
    if (among(yes))
        into = true;
    else if (among(no))
        into = false;
    else
        faults.add(node.place, "expected true or false, not " + in_quotes(node.text));
}

void decode(const Node& node, std::int64_t& into, Faults& faults) {
    constexpr std::string_view expected = "a whole number such as 500";
    if (!unquoted(node, expected, faults)) return;
    if (const auto number = to_int(node.text))
        into = *number;
    else
        faults.add(node.place, "expected " + std::string(expected) + ", not " + in_quotes(node.text));
}

void decode(const Node& node, double& into, Faults& faults) {
    constexpr std::string_view expected = "a number such as 0.5";
    if (!unquoted(node, expected, faults)) return;
    if (const auto number = to_double(node.text); number && std::isfinite(*number))
        into = *number;
    else
        faults.add(node.place, "expected " + std::string(expected) + ", not " + in_quotes(node.text));
}

void decode(const Node& node, Duration& into, Faults& faults) {
    if (node.kind == Node::Kind::null)
        faults.add(node.place, "expected a duration such as 15s or 1m30s, not nothing");
    else if (scalar(node, "a duration such as 15s or 1m30s", faults))
        take(parse_duration(node.text), node, into, faults);
}

void decode(const Node& node, Bytes& into, Faults& faults) {
    if (scalar(node, "a size such as 512KB, 10MB or 1GiB", faults))
        take(parse_bytes(node.text), node, into, faults);
}

void decode(const Node& node, Secret& into, Faults& faults) {
    if (scalar(node, "text", faults)) into = Secret::of_text(node.text);
}

void decode(const Node& node, std::vector<std::pair<std::string, std::string>>& into, Faults& faults) {
    if (node.kind == Node::Kind::null) return;
    if (node.kind != Node::Kind::mapping) {
        faults.add(node.place,
                   "expected a mapping of names to texts, not " + std::string(kind_name(node.kind)));
        return;
    }
    for (const auto& [key, value] : node.members) {
        std::string text;
        decode(value, text, faults);
        into.emplace_back(key.text, std::move(text));
    }
}

}  // namespace pifleet::config
