// The list `backends`: an entry has the keys of remote_write, some of its own, and those of its protocol.
#include "common/base/text.hpp"
#include "forwarder/config/rows.hpp"
#include "forwarder/config/tables.hpp"

#include <algorithm>
#include <iterator>

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

void read_compression(const Node& node, Compression& into, Faults& faults) {
    std::string word;
    decode(node, word, faults);
    if (node.kind != Node::Kind::scalar) return;
    if (word == "none")
        into = Compression::none;
    else if (word == "gzip")
        into = Compression::gzip;
    else if (word == "zstd")
        into = Compression::zstd;
    else
        faults.add(node.place, "expected none, gzip or zstd, not '" + word + "'");
}

constexpr Field<BackendConfig> own_rows[] = {
    field<&BackendConfig::preset>(
        "preset", "", "A system by its name; `pifleet-forwarder backends` lists them."),
    field<&BackendConfig::protocol>("protocol", "the preset's", "What is spoken, where there is no preset."),
    field_by<&BackendConfig::compression, read_compression>(
        "compression", "the protocol's", "How bodies are packed: none, gzip or zstd."),
    field<&BackendConfig::max_sample_age>(
        "max_sample_age", "0s", "Older samples are dropped, counted; 0s: none is too old."),
};

template <class Row>
bool has_key(const Row& rows, std::string_view key) {
    return std::any_of(std::begin(rows), std::end(rows), [key](const auto& row) { return row.key == key; });
}

const Protocol* find(const Catalogue& catalogue, std::string_view name) {
    for (const auto* protocol : catalogue.protocols)
        if (protocol->name == name) return protocol;
    return nullptr;
}

// A preset that is no more, or not to be had yet, is a fault that says what to do.
const Preset* preset_of(const Node& entry, const Catalogue& catalogue, Faults& faults) {
    const auto* named = entry.find("preset");
    if (named == nullptr) return nullptr;
    const auto* preset = catalogue.presets != nullptr ? catalogue.presets->find(named->text) : nullptr;
    if (preset == nullptr) {
        std::vector<std::string_view> names;
        if (catalogue.presets != nullptr)
            for (const auto& one : catalogue.presets->all()) names.push_back(one.name);
        faults.add(named->place,
                   "no preset is called '" + named->text + "'" + did_you_mean(named->text, names) +
                       "; `pifleet-forwarder backends` lists them");
        return nullptr;
    }
    const auto closed = why_not(*preset, catalogue);
    if (closed.empty()) return preset;
    faults.add(
        named->place,
        preset->title + (preset->retired.empty() ? " cannot be sent to yet: " : " is no more: ") + closed);
    return nullptr;
}

const Protocol* protocol_of(const Node& entry, const Catalogue& catalogue, Faults& faults) {
    const auto* named = entry.find("protocol");
    if (named == nullptr) {
        faults.add(entry.place, "this backend has neither a preset nor a protocol");
        return nullptr;
    }
    if (const auto* protocol = find(catalogue, named->text)) return protocol;
    std::vector<std::string_view> names;
    for (const auto* protocol : catalogue.protocols) names.push_back(protocol->name);
    faults.add(named->place,
               "no protocol is called '" + named->text + "'" + did_you_mean(named->text, names));
    return nullptr;
}

void read_settings(const Node& entry, const Protocol& protocol, BackendConfig& into, Faults& faults) {
    for (const auto& setting : protocol.settings) {
        const auto* given = entry.find(setting.key);
        std::string value(setting.preset);
        if (given != nullptr) decode(*given, value, faults);
        if (given == nullptr && setting.required)
            faults.add(entry.place,
                       "this backend needs '" + std::string(setting.key) + "': " + std::string(setting.help));
        into.settings.emplace_back(setting.key, std::move(value));
    }
    if (protocol.has_url && entry.find("url") == nullptr) faults.add(entry.place, "this backend has no url");
    const auto wrong = protocol.check != nullptr && faults.empty() ? protocol.check(into) : std::nullopt;
    if (!wrong) return;
    const auto* given = entry.find(wrong->key);
    faults.add(given != nullptr ? given->place : entry.place, std::string(wrong->key) + ": " + wrong->what);
}

// The keys that every backend has: those that are no protocol's own.
Node common_keys(const Node& entry, std::span<const Setting> settings) {
    auto common = entry;
    std::erase_if(common.members,
                  [&](const config::Member& member) { return has_key(settings, member.key.text); });
    return common;
}

}  // namespace

std::string why_not(const Preset& preset, const Catalogue& catalogue) {
    if (!preset.retired.empty()) return preset.retired;
    if (!preset.not_built.empty()) return preset.not_built;
    const auto* protocol = preset.entry.find("protocol");
    if (protocol != nullptr && find(catalogue, protocol->text) != nullptr) return {};
    return "its protocol is not built" + (protocol != nullptr ? ": " + protocol->text : std::string());
}

std::span<const Field<BackendConfig>> backend_own_rows() {
    return own_rows;
}

void read_backend(const Node& node, const Catalogue& catalogue, BackendConfig& into, Faults& faults) {
    if (!config::expect_mapping(node, faults)) return;
    const auto* preset = preset_of(node, catalogue, faults);
    if (preset == nullptr && node.find("preset") != nullptr) return;
    const auto entry = preset != nullptr ? expand(*preset, node, faults) : node;
    const auto* protocol = protocol_of(entry, catalogue, faults);
    if (protocol == nullptr) return;
    read_backend_keys(common_keys(entry, protocol->settings), into, faults);
    read_settings(entry, *protocol, into, faults);
    if (into.name.empty() && preset != nullptr) into.name = preset->name;
    if (into.name.empty()) into.name = into.url.host.empty() ? into.protocol : into.url.host;
}

}  // namespace pifleet::forwarder
