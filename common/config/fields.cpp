#include "common/config/fields.hpp"

#include "common/base/text.hpp"

namespace pifleet::config {

namespace {

constexpr std::size_t most_listed = 12;  // a longer list of keys helps nobody

bool expect(Node::Kind kind, const Node& node, Faults& faults) {
    if (node.kind == kind) return true;
    faults.add(node.place,
               "expected " + std::string(kind_name(kind)) + ", not " + std::string(kind_name(node.kind)));
    return false;
}

}  // namespace

bool expect_mapping(const Node& node, Faults& faults) {
    return expect(Node::Kind::mapping, node, faults);
}
bool expect_sequence(const Node& node, Faults& faults) {
    return expect(Node::Kind::sequence, node, faults);
}

void unknown_key(const Node& key, std::span<const std::string_view> known, Faults& faults) {
    std::string what = "unknown key '" + key.text + "'";
    const std::string suggestion = did_you_mean(key.text, known);
    if (!suggestion.empty()) {
        what += suggestion;
    } else if (!known.empty() && known.size() <= most_listed) {
        what += "; known here:";
        for (const auto name : known) what += (name == known.front() ? " " : ", ") + std::string(name);
    }
    faults.add(key.place, what);
}

}  // namespace pifleet::config
