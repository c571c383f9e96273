// CLI11 splits the words; which rows exist, what a value may be and every message to the user are ours.
#include "common/process/command_line.hpp"

#include "common/base/text.hpp"
#include "common/process/build_info.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace pifleet::process {

namespace {

constexpr Flag own_flags[] = {
    {"help", FlagKind::on_off, "false", "This page, also -h.", true},
    {"help-all", FlagKind::on_off, "false", "All flags.", true},
    {"version", FlagKind::on_off, "false", "Version, revision and compiler.", true},
};

std::string dashed(std::string_view name) {
    return "--" + std::string(name);
}

std::optional<bool> switch_value(std::string_view text) {
    if (equal_ignoring_case(text, "true") || text == "1") return true;
    if (equal_ignoring_case(text, "false") || text == "0") return false;
    return std::nullopt;
}

// The flag's name in a word like --name or --name=value, or nothing.
std::string_view name_in(std::string_view word) {
    if (!word.starts_with("--")) return {};
    return word.substr(2, word.find('=') == std::string_view::npos ? word.npos : word.find('=') - 2);
}

std::string version_line(std::string_view program) {
    const BuildInfo& build = build_info();
    return std::string(program) + " " + std::string(build.version) + " (revision " +
           std::string(build.revision) + ", " + std::string(build.compiler) + ")\n";
}

}  // namespace

CommandLine::CommandLine(Program program) : program_(program) {
    declare(own_flags);
}

void CommandLine::declare(std::span<const Flag> rows) {
    for (const Flag& row : rows) {
        Value value{&row, {}, false};
        if (row.kind != FlagKind::list || !row.preset.empty()) value.values.emplace_back(row.preset);
        if (row.kind == FlagKind::on_off && !switch_value(row.preset))
            throw std::logic_error("switch without a preset of true or false: " + dashed(row.name));
        if (!values_.emplace(row.name, std::move(value)).second)
            throw std::logic_error("flag declared twice: " + dashed(row.name));
        order_.push_back(&row);
    }
}

Result<void> CommandLine::take(Value& value, std::vector<std::string> given) {
    const std::string flag = dashed(value.flag->name);
    for (const std::string& text : given) {
        if (value.flag->kind == FlagKind::on_off) {
            if (!switch_value(text)) return failure(flag + ": expected true or false, not '" + text + "'");
        } else if (values_.contains(name_in(text))) {
            return failure(flag + ": a value is missing, '" + text + "' is another flag");
        }
    }
    if (value.flag->kind != FlagKind::list) given.erase(given.begin(), given.end() - 1);
    value.values = std::move(given);
    value.given = true;
    return {};
}

std::string CommandLine::unknown(std::string_view word) const {
    const bool after_marker = values_.contains(name_in(word));  // "-- --x": what follows "--" is no flag
    if (!word.starts_with('-') || word == "-" || after_marker)
        return "unexpected '" + std::string(word) + "'";
    const std::string_view flag = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const Flag* row : order_) {
        names.push_back(dashed(row->name));
        if (row->kind == FlagKind::on_off) names.push_back(dashed("no-" + std::string(row->name)));
    }
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    // A single dash in front of a long name is the Go programs' other spelling.
    const std::string looked_for = flag.starts_with("--") ? std::string(flag) : "-" + std::string(flag);
    return "unknown flag " + std::string(flag) + did_you_mean(looked_for, candidates);
}

// CLI11 reads "--x=" as "--x" and would take the next word for its value: it gets "--x" and "" instead.
std::vector<std::string> CommandLine::words_of(std::span<const char* const> arguments) const {
    std::vector<std::string> words;
    for (const std::string_view word : arguments) {
        const auto known = values_.find(name_in(word));
        const bool empty = word.ends_with('=') && word.find('=') == word.size() - 1;
        if (empty && known != values_.end()) {
            words.push_back(dashed(known->first));
            words.emplace_back();
        } else {
            words.emplace_back(word);
        }
    }
    return words;
}

Result<std::vector<std::string>> CommandLine::split(std::span<const char* const> arguments) {
    CLI::App app;
    app.set_help_flag();  // ours is a row like any other
    app.allow_extras();
    std::vector<std::pair<Value*, CLI::Option*>> options;
    for (auto& [name, value] : values_) {
        CLI::Option* option = nullptr;
        if (value.flag->kind == FlagKind::on_off)
            option = app.add_flag(dashed(name) + ",!" + dashed("no-" + name));
        else
            option = app.add_option(dashed(name))->expected(1)->allow_extra_args(false);
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        options.emplace_back(&value, option);
    }
    std::vector<std::string> words = words_of(arguments);
    const std::string last = words.empty() ? std::string() : words.back();
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
        app.parse(words);
    } catch (const CLI::ArgumentMismatch&) {  // each takes one value: only the last word can lack its own
        return failure(last + ": a value is missing");
    }
    for (auto& [value, option] : options) {
        if (option->count() == 0) continue;
        if (auto taken = take(*value, option->results()); !taken) return taken.error();
    }
    return app.remaining();
}

std::optional<int> CommandLine::parse(std::span<const char* const> arguments) {
    const auto refuse = [this](const std::string& what) {
        const std::string text = std::string(program_.name) + ": " + what + "\nsee --help\n";
        std::fputs(text.c_str(), stderr);
        return 1;
    };
    const auto others = split(arguments);
    if (!others) return refuse(others.error().message);
    if (std::find(others->begin(), others->end(), "-h") != others->end() || on("help") || on("help-all")) {
        std::fputs(help(on("help-all")).c_str(), stdout);
        return 0;
    }
    if (on("version")) {
        std::fputs(version_line(program_.name).c_str(), stdout);
        return 0;
    }
    for (const std::string& word : *others)
        if (word != "--") return refuse(unknown(word));
    return std::nullopt;
}

const CommandLine::Value& CommandLine::value(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::logic_error("flag not declared: " + dashed(name));
    return found->second;
}

const CommandLine::Value& CommandLine::value(std::string_view name, FlagKind kind) const {
    const Value& found = value(name);
    if (found.flag->kind != kind) throw std::logic_error("flag of another kind: " + dashed(name));
    return found;
}

const std::string& CommandLine::text(std::string_view name) const {
    return value(name, FlagKind::text).values.back();
}
const std::vector<std::string>& CommandLine::list(std::string_view name) const {
    return value(name, FlagKind::list).values;
}
bool CommandLine::on(std::string_view name) const {
    return *switch_value(value(name, FlagKind::on_off).values.back());
}
bool CommandLine::given(std::string_view name) const {
    return value(name).given;
}

}  // namespace pifleet::process
