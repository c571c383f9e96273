#include "forwarder/relabel/relabeler.hpp"

#include "common/base/utf8.hpp"
#include "forwarder/relabel/characters.hpp"
#include "forwarder/relabel/expansion.hpp"
#include "forwarder/relabel/hash.hpp"
#include "forwarder/relabel/pattern.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

struct CompiledRule {
    const RelabelRule* rule;
    Pattern pattern;
    Expansion target, replacement;
};

std::string source_of(const RelabelRule& rule, const LabelBuilder& labels) {
    std::string out;
    for (std::size_t i = 0; i < rule.source_labels.size(); ++i) {
        if (i > 0) out += rule.separator;
        out += labels.get(rule.source_labels[i]);
    }
    return out;
}

void replace(const CompiledRule& compiled, std::string_view source, LabelBuilder& labels) {
    const auto count = std::max(compiled.target.groups(), compiled.replacement.groups());
    Pattern::Groups groups;
    if (!compiled.pattern.match(source, count, groups)) return;
    const auto target = compiled.target.expand(groups);
    if (valid_label_name(target)) labels.set(target, compiled.replacement.expand(groups));
}

// The new names are no source for the same rule; of two labels that get one name the later stands.
void map_names(const CompiledRule& compiled, LabelBuilder& labels) {
    Pattern::Groups groups;
    const auto before = labels.labels();
    for (const auto& [name, value] : before)
        if (compiled.pattern.match(name, compiled.replacement.groups(), groups)) {
            const auto mapped = compiled.replacement.expand(groups);
            if (valid_label_name(mapped)) labels.set(mapped, value);
        }
}

void remove_names(const CompiledRule& compiled, bool that_match, LabelBuilder& labels) {
    const auto before = labels.labels();
    for (const auto& [name, value] : before)
        if (compiled.pattern.matches(name) == that_match) labels.remove(name);
}

// False: dropped.
bool apply_rule(const CompiledRule& compiled, LabelBuilder& labels) {
    const auto& rule = *compiled.rule;
    const auto source = source_of(rule, labels);
    switch (rule.action) {
        case RelabelAction::keep:
            return compiled.pattern.matches(source);
        case RelabelAction::drop:
            return !compiled.pattern.matches(source);
        case RelabelAction::keep_equal:
            return labels.get(rule.target_label) == source;
        case RelabelAction::drop_equal:
            return labels.get(rule.target_label) != source;
        case RelabelAction::replace:
            replace(compiled, source, labels);
            return true;
        case RelabelAction::hash_mod:
            labels.set(rule.target_label, std::to_string(shard_hash(source) % rule.modulus));
            return true;
        case RelabelAction::label_map:
            map_names(compiled, labels);
            return true;
        case RelabelAction::label_drop:
            remove_names(compiled, true, labels);
            return true;
        case RelabelAction::label_keep:
            remove_names(compiled, false, labels);
            return true;
        case RelabelAction::lowercase:
            labels.set(rule.target_label, lowercase(source));
            return true;
        case RelabelAction::uppercase:
            labels.set(rule.target_label, uppercase(source));
            break;
    }
    return true;
}

}  // namespace

struct Relabeler::List {
    std::vector<RelabelRule> rules;
    std::vector<CompiledRule> compiled;  // points to the rules
};

bool valid_label_name(std::string_view name) {
    return !name.empty() && valid_utf8(name);
}

Result<Relabeler> Relabeler::compile(std::vector<RelabelRule> rules) {
    Relabeler relabeler;
    if (rules.empty()) return relabeler;
    const auto list = std::make_shared<List>();
    list->rules = std::move(rules);
    for (const auto& rule : list->rules) {
        auto pattern = Pattern::compile(rule.regex);
        if (!pattern) return pattern.error();
        Expansion target(rule.target_label, *pattern), replacement(rule.replacement, *pattern);
        list->compiled.push_back({&rule, std::move(*pattern), std::move(target), std::move(replacement)});
    }
    relabeler.list_ = list;
    return relabeler;
}

bool Relabeler::apply(LabelBuilder& labels) const {
    return !list_ || std::all_of(list_->compiled.begin(), list_->compiled.end(), [&](const auto& compiled) {
        return apply_rule(compiled, labels);
    });
}

bool operator==(const Relabeler& a, const Relabeler& b) {
    if (a.list_ == b.list_) return true;
    return a.list_ && b.list_ && a.list_->rules == b.list_->rules;
}

}  // namespace pifleet::forwarder
