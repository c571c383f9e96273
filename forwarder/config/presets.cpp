#include "forwarder/config/presets.hpp"

#include "common/base/text.hpp"
#include "common/config/fields.hpp"
#include "common/http/percent.hpp"

#include <algorithm>
#include <map>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

void read_preset_text(const Node& node, std::optional<std::string>& into, Faults& faults) {
    decode(node, into.emplace(), faults);
}

constexpr Field<Ask> ask_rows[] = {
    field<&Ask::help>("help", "", "What it is, and where to find it."),
    {"preset",
     "",
     "What it is when it is not given.",
     [](const Node& node, Ask& into, Faults& faults) { read_preset_text(node, into.preset, faults); }},
    field<&Ask::values>("values", "", "Words to choose from, and what they stand for."),
};

void read_asks(const Node& node, Preset& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        auto& ask = into.asks.emplace_back();
        ask.key = key.text;
        config::read_mapping<Ask>(value, ask_rows, ask, faults);
    }
}

constexpr Field<Preset> preset_rows[] = {
    field<&Preset::title>("title", "", "What it calls itself."),
    {"asks", "", "What only the owner knows.", read_asks},
    {"entry",
     "",
     "An entry of backends, with {placeholders}.",
     [](const Node& node, Preset& into, Faults& faults) {
         if (config::expect_mapping(node, faults)) into.entry = node;
     }},
    field<&Preset::retired>("retired", "", "Since when it is no more, and what comes nearest."),
    field<&Preset::not_built>("not_built", "", "Why it cannot be sent to yet."),
    field<&Preset::proven>("proven", "", "The real server that proves it, or: double."),
    field<&Preset::price>("price", "", "free, under 10 USD, over 10 USD or own server."),
    field<&Preset::plan>("plan", "", "The plan that price is about."),
    field<&Preset::looked_up>("looked_up", "", "When plan and price were looked up."),
    field<&Preset::notes>("notes", "", "What its owner should know."),
    {"billing", "", "For estimates.", [](const Node& node, Preset& into, Faults&) { into.billing = node; }},
};

// Each {placeholder} by its value; other braces stay. In a URL it is percent-encoded, unless it is all of the
// URL.
std::string filled(std::string_view text, const Values& values, bool url) {
    if (text.starts_with('{') && text.find('}') == text.size() - 1) url = false;
    std::string out;
    for (;;) {
        const auto open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) return out;
        const auto close = text.find('}', open);
        const auto found = close == std::string_view::npos
                               ? values.end()
                               : values.find(text.substr(open + 1, close - open - 1));
        if (found == values.end()) {
            out += '{';
            text.remove_prefix(open + 1);
            continue;
        }
        out += url ? http::percent_encode(found->second, ":/") : found->second;
        text.remove_prefix(close + 1);
    }
}

Node filled(const Node& node, const Values& values, config::Place place, bool url) {
    Node out = node;
    out.place = place;
    if (node.kind == Node::Kind::scalar) out.text = filled(node.text, values, url);
    for (auto& item : out.items) item = filled(item, values, place, url);
    for (auto& [key, value] : out.members) {
        value = filled(value, values, place, key.text == "url");
        key.place = place;
    }
    return out;
}

// The owner's word for what the preset asks, or the preset's own.
std::optional<std::string> answer(const Preset& preset, const Ask& ask, const Node& entry, Faults& faults) {
    const auto* given = entry.find(ask.key);
    if (given == nullptr && !ask.preset) {
        faults.add(entry.place, "preset '" + preset.name + "' needs '" + ask.key + "': " + ask.help);
        return std::nullopt;
    }
    std::string word = ask.preset.value_or("");
    if (given != nullptr) decode(*given, word, faults);
    if (given != nullptr && word.empty()) faults.add(given->place, "'" + ask.key + "' is empty: " + ask.help);
    if (ask.values.empty()) return word;
    std::vector<std::string_view> words;
    std::string list;
    for (const auto& [name, text] : ask.values) {
        if (name == word) return text;
        words.push_back(name);
        list += (list.empty() ? "" : ", ") + name;
    }
    faults.add(
        given != nullptr ? given->place : entry.place,
        "'" + ask.key + "' must be one of " + list + ", not '" + word + "'" + did_you_mean(word, words));
    return std::nullopt;
}

}  // namespace

void Presets::read(std::string_view yaml, Faults& faults) {
    const auto root = config::parse_yaml(yaml, faults);
    if (!root || root->kind == Node::Kind::null || !config::expect_mapping(*root, faults)) return;
    for (const auto& [key, value] : root->members) {
        Preset preset;
        preset.name = key.text;
        config::read_mapping<Preset>(value, preset_rows, preset, faults);
        const auto at = std::lower_bound(
            all_.begin(), all_.end(), preset.name, [](const Preset& a, const std::string& b) {
                return a.name < b;
            });
        if (at != all_.end() && at->name == preset.name)
            *at = std::move(preset);
        else
            all_.insert(at, std::move(preset));
    }
}

const Preset* Presets::find(std::string_view name) const {
    for (const auto& preset : all_)
        if (preset.name == name) return &preset;
    return nullptr;
}

Node expand(const Preset& preset, const Node& entry, Faults& faults) {
    Values values;
    for (const auto& ask : preset.asks)
        if (auto word = answer(preset, ask, entry, faults)) values.emplace(ask.key, std::move(*word));
    auto out = filled(preset.entry, values, entry.place, false);
    for (const auto& member : entry.members) {
        const auto& key = member.key.text;
        const auto asked = [&key](const Ask& ask) { return ask.key == key; };
        if (std::any_of(preset.asks.begin(), preset.asks.end(), asked)) continue;
        std::erase_if(out.members, [&key](const config::Member& own) { return own.key.text == key; });
        out.members.push_back(member);
    }
    out.kind = Node::Kind::mapping;
    out.place = entry.place;
    return out;
}

}  // namespace pifleet::forwarder
