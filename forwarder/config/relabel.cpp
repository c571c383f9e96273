// relabel_configs, metric_relabel_configs and write_relabel_configs: the keys of a rule, and what each action
// wants of them. What Prometheus accepts is accepted, what it refuses is refused.
#include "common/base/text.hpp"
#include "forwarder/config/rows.hpp"
#include "forwarder/config/tables.hpp"
#include "forwarder/relabel/pattern.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

using Action = RelabelAction;

struct ActionRow {
    std::string_view name;
    Action action;
    bool needs_target;
    std::span<const std::string_view> refused;  // keys that would have no effect and suggest a mistake
};

constexpr std::string_view of_case[] = {"replacement"};
constexpr std::string_view of_equality[] = {"regex", "modulus", "separator", "replacement"};
constexpr std::string_view of_names[] = {
    "source_labels", "target_label", "modulus", "separator", "replacement"};

constexpr ActionRow actions[] = {
    {"replace", Action::replace, true, {}},
    {"keep", Action::keep, false, {}},
    {"drop", Action::drop, false, {}},
    {"keepequal", Action::keep_equal, true, of_equality},
    {"dropequal", Action::drop_equal, true, of_equality},
    {"hashmod", Action::hash_mod, true, {}},
    {"labelmap", Action::label_map, false, {}},
    {"labeldrop", Action::label_drop, false, of_names},
    {"labelkeep", Action::label_keep, false, of_names},
    {"lowercase", Action::lowercase, true, of_case},
    {"uppercase", Action::uppercase, true, of_case},
};

void read_action(const Node& node, Action& into, Faults& faults) {
    std::string text;
    decode(node, text, faults);
    if (node.kind == Node::Kind::mapping || node.kind == Node::Kind::sequence) return;
    std::vector<std::string_view> names;
    for (const auto& row : actions) {
        names.push_back(row.name);
        if (!equal_ignoring_case(row.name, text)) continue;
        into = row.action;
        return;
    }
    std::string what = "unknown action '" + text + "'" + did_you_mean(text, names) + "; there are";
    for (const auto name : names) what += (name == names.front() ? " " : ", ") + std::string(name);
    faults.add(node.place, what);
}

void read_label_names(const Node& node, std::vector<std::string>& into, Faults& faults) {
    decode(node, into, faults);
    for (const auto& item : node.items)
        if (item.kind != Node::Kind::mapping && item.kind != Node::Kind::sequence &&
            !valid_label_name(item.text))
            faults.add(item.place, "a label's name cannot be empty");
}

// Nothing behind the key is the empty text here, not the default: so Prometheus reads it.
void read_text(const Node& node, std::string& into, Faults& faults) {
    if (node.kind == Node::Kind::null) into.clear();
    decode(node, into, faults);
}

void read_regex(const Node& node, std::string& into, Faults& faults) {
    read_text(node, into, faults);
    if (const auto pattern = Pattern::compile(into); !pattern)
        faults.add(node.place, pattern.error().message);
}

void read_modulus(const Node& node, std::uint64_t& into, Faults& faults) {
    std::int64_t read = 0;
    read_count(node, read, faults);
    if (read > 0) into = static_cast<std::uint64_t>(read);
}

constexpr Field<RelabelRule> rule_rows[] = {
    field_by<&RelabelRule::action, read_action>("action", "replace", "What the rule does."),
    field_by<&RelabelRule::source_labels, read_label_names>(
        "source_labels", "", "Labels whose values, joined by the separator, the rule looks at."),
    field_by<&RelabelRule::separator, read_text>(
        "separator", ";", "Stands between the values of source_labels."),
    field_by<&RelabelRule::regex, read_regex>(
        "regex", "(.*)", "RE2 expression that must match all of what is looked at."),
    field<&RelabelRule::target_label>("target_label", "", "Label that gets the result."),
    field_by<&RelabelRule::replacement, read_text>(
        "replacement", "$1", "The result; $1, ${1} and ${name} are groups."),
    field_by<&RelabelRule::modulus, read_modulus>("modulus", "0", "How many shards hashmod makes."),
};

// Where a fault of a key is shown: the key's value, or the rule if it does not have the key.
config::Place place_of(const Node& node, std::string_view key) {
    const auto* value = node.find(key);
    return value != nullptr ? value->place : node.place;
}

void refuse_keys(const Node& node, const ActionRow& row, Faults& faults) {
    for (const auto key : row.refused) {
        const auto* value = node.find(key);
        if (value == nullptr || value->kind == Node::Kind::null) continue;
        const auto* known = std::find_if(
            std::begin(rule_rows), std::end(rule_rows), [key](const auto& one) { return one.key == key; });
        const bool preset = value->kind == Node::Kind::scalar && value->text == known->preset;
        if (!preset)
            faults.add(value->place,
                       "the action " + std::string(row.name) + " does not take " + std::string(key));
    }
}

void check_rule(const Node& node, const RelabelRule& rule, Faults& faults) {
    const auto* row = std::find_if(
        std::begin(actions), std::end(actions), [&](const auto& one) { return one.action == rule.action; });
    const std::string needs = "the action " + std::string(row->name) + " needs ";
    if (row->needs_target && !valid_label_name(rule.target_label))
        faults.add(place_of(node, "target_label"), needs + "a target_label");
    if (rule.action == Action::hash_mod && rule.modulus == 0)
        faults.add(place_of(node, "modulus"), needs + "a modulus of 1 or more");
    if (rule.action == Action::label_map && !valid_label_name(rule.replacement))
        faults.add(place_of(node, "replacement"), needs + "a replacement, the new name");
    refuse_keys(node, *row, faults);
}

RelabelRule read_rule(const Node& node, Faults& faults) {
    RelabelRule rule;
    const auto before = faults.size();
    if (node.kind == Node::Kind::null) faults.add(node.place, "this rule is empty");
    config::read_mapping<RelabelRule>(node, rule_rows, rule, faults);
    if (faults.size() == before)
        check_rule(node, rule, faults);  // of a rule that was read wrong it would guess
    return rule;
}

}  // namespace

void decode(const Node& node, Relabeler& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    std::vector<RelabelRule> rules;
    for (const auto& item : node.items) rules.push_back(read_rule(item, faults));
    // A bad expression has been told, at its place.
    if (auto compiled = Relabeler::compile(std::move(rules))) into = std::move(*compiled);
}

}  // namespace pifleet::forwarder
