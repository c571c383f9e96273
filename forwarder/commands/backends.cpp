#include "forwarder/commands/backends.hpp"

#include "common/base/text.hpp"
#include "common/process/command_line.hpp"
#include "forwarder/backends/catalogue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder {

namespace {

constexpr process::Flag flags[] = {
    {"json", process::FlagKind::on_off, "false", "Print JSON.", true},
    {"presets.dir",
     process::FlagKind::text,
     "/etc/pifleet/presets.d",
     "Folder of presets of your own.",
     true},
};

constexpr process::Program program{
    "pifleet-forwarder backends",
    "Lists the systems that samples can go to; with a name, what it asks for and how it is configured.",
    "[NAME] [flags]",
    "proven: by the real server named, by a double written from the vendor's documentation, or not.",
};

std::string text_of(const config::Node& entry, std::string_view key) {
    const auto* node = entry.find(key);
    return node != nullptr ? node->text : std::string();
}

// How we say who we are there, in a word.
std::string_view auth_of(const config::Node& entry) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {{"basic_auth", "basic"},
                                                                       {"oauth2", "oauth2"},
                                                                       {"sigv4", "sigv4"},
                                                                       {"google_iam", "google"},
                                                                       {"http_headers", "header"},
                                                                       {"password_file", "password"}};
    if (const auto* authorization = entry.find("authorization"))
        return authorization->find("type") != nullptr ? "token" : "bearer";
    for (const auto& [key, word] : words)
        if (entry.find(key) != nullptr) return word;
    return "none";
}

struct Row {
    std::string name, protocol, auth, proven, price, title;
};

std::string or_else(std::string text, std::string_view otherwise) {
    return text.empty() ? std::string(otherwise) : text;
}

Row row_of(const Preset& preset) {
    if (!why_not(preset, catalogue()).empty())
        return {preset.name, "-", "-", preset.retired.empty() ? "not built" : "closed", "-", preset.title};
    return {preset.name,
            text_of(preset.entry, "protocol"),
            std::string(auth_of(preset.entry)),
            or_else(preset.proven, "unproven"),
            or_else(preset.price, "?"),
            preset.title};
}

void print_table(std::span<const Preset> presets) {
    std::vector<Row> rows{{"NAME", "PROTOCOL", "AUTH", "PROVEN BY", "PRICE", "SYSTEM"}};
    for (const auto& preset : presets) rows.push_back(row_of(preset));
    std::size_t widths[5] = {};
    const auto columns = [](const Row& row) {
        return std::array<const std::string*, 5>{
            &row.name, &row.protocol, &row.auth, &row.price, &row.proven};
    };
    for (const auto& row : rows)
        for (std::size_t i = 0; i < 5; ++i) widths[i] = std::max(widths[i], columns(row)[i]->size());
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < 5; ++i) {
            const auto& text = *columns(row)[i];
            out += text + std::string(widths[i] - text.size() + 2, ' ');
        }
        out += row.title + '\n';
    }
    std::fputs(out.c_str(), stdout);
}

nlohmann::json json_of(const Preset& preset) {
    const auto row = row_of(preset);
    nlohmann::json asks = nlohmann::json::array();
    for (const auto& ask : preset.asks) {
        nlohmann::json one{{"key", ask.key}, {"help", ask.help}, {"required", !ask.preset}};
        if (ask.preset) one["preset"] = *ask.preset;
        asks.push_back(std::move(one));
    }
    return {{"name", row.name},
            {"title", preset.title},
            {"protocol", row.protocol},
            {"auth", row.auth},
            {"proven", row.proven},
            {"price", row.price},
            {"plan", preset.plan},
            {"looked_up", preset.looked_up},
            {"retired", preset.retired},
            {"not_built", preset.retired.empty() ? why_not(preset, catalogue()) : std::string()},
            {"notes", preset.notes},
            {"asks", std::move(asks)}};
}

void print_facts(const Preset& preset) {
    const auto row = row_of(preset);
    std::string out = preset.title + "\n";
    const auto fact = [&out](std::string_view name, const std::string& text) {
        if (!text.empty()) out += "  " + std::string(name) + std::string(11 - name.size(), ' ') + text + '\n';
    };
    const auto closed = why_not(preset, catalogue());
    fact(preset.retired.empty() ? "not built" : "closed", closed);
    if (!closed.empty()) {
        std::fputs(out.c_str(), stdout);
        return;
    }
    fact("protocol", row.protocol);
    fact("auth", row.auth);
    fact("proven by", row.proven);
    fact("price", row.price);
    fact("plan", preset.plan + (preset.looked_up.empty() ? "" : " (looked up " + preset.looked_up + ")"));
    fact("note", preset.notes);
    out += "\nbackends:\n  - preset: " + preset.name + "\n";
    for (const auto& ask : preset.asks) {
        const auto comment = "# " + ask.help;
        const auto key = ask.preset ? "    # " + ask.key + ": " + *ask.preset : "    " + ask.key + ": …";
        out += key + std::string(key.size() < 32 ? 32 - key.size() : 1, ' ') + comment + '\n';
    }
    std::fputs(out.c_str(), stdout);
}

int complain(std::string_view what) {
    const auto text = std::string(program.name) + ": " + std::string(what) + "\n";
    std::fputs(text.c_str(), stderr);
    return 1;
}

}  // namespace

int backends_command(std::span<const char* const> words) {
    std::string name;
    if (!words.empty() && words[0][0] != '-') {
        name = words[0];
        words = words.subspan(1);
    }
    process::CommandLine line(program);
    line.declare(flags);
    if (const auto code = line.parse(words)) return *code;
    if (const auto added = add_presets(line.text("presets.dir")); !added)
        return complain(added.error().message);
    const auto& presets = *catalogue().presets;
    const bool json = line.on("json");
    if (name.empty()) {
        if (!json) return print_table(presets.all()), 0;
        auto all = nlohmann::json::array();
        for (const auto& preset : presets.all()) all.push_back(json_of(preset));
        std::puts(all.dump(1).c_str());
        return 0;
    }
    const auto* preset = presets.find(name);
    if (preset == nullptr) {
        std::vector<std::string_view> names;
        for (const auto& one : presets.all()) names.push_back(one.name);
        return complain("no preset is called '" + name + "'" + did_you_mean(name, names));
    }
    if (json)
        std::puts(json_of(*preset).dump(1).c_str());
    else
        print_facts(*preset);
    return 0;
}

}  // namespace pifleet::forwarder
