// Flags declared once as rows: parsing, --help and the tests read the same table. Spelling as in the programs
// we replace: --flag=value and --flag value; a switch is --x or --no-x, or --x=false.
#pragma once

#include "common/base/result.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::process {

enum class FlagKind {
    text,    // one value, the last one given holds
    list,    // may be given several times
    on_off,  // --x, --no-x, --x=true|false; `preset` is "true" or "false"
};

struct Flag {
    std::string_view name;  // without the dashes: "web.listen-address"
    FlagKind kind;
    std::string_view preset;  // the default, as it would be typed
    std::string_view help;    // one short sentence; empty: the flag works but --help does not list it
    bool everyday = false;    // listed by --help, which fits a screen; --help-all lists every flag
};

struct Program {
    std::string_view name;
    std::string_view summary;  // one or two lines under the name
    std::string_view usage;    // behind the name: "[flags]", "[command] [flags]"
    std::string_view footer;   // examples, last on the help page
};

class CommandLine {
  public:
    explicit CommandLine(Program program);

    /// Rows must outlive the object (they are constexpr tables). A name declared twice is a bug: it throws.
    void declare(std::span<const Flag> rows);

    /// Parses argv without the program's name. --help, --help-all and --version print to stdout and give an
    /// exit code at once; an error (unknown flag with the nearest one, missing value, stray word) prints to
    /// stderr and gives 1. Nothing: go on.
    std::optional<int> parse(std::span<const char* const> arguments);

    const std::string& text(std::string_view name) const;
    const std::vector<std::string>& list(std::string_view name) const;
    bool on(std::string_view name) const;
    /// Whether the flag stood on the command line.
    bool given(std::string_view name) const;

    std::string help(bool all) const;

  private:
    struct Value {
        const Flag* flag;
        std::vector<std::string> values;
        bool given = false;
    };
    const Value& value(std::string_view name) const;
    const Value& value(std::string_view name, FlagKind kind) const;
    std::vector<std::string> words_of(std::span<const char* const> arguments) const;
    /// Fills in what was given; the answer is what is left over.
    Result<std::vector<std::string>> split(std::span<const char* const> arguments);
    Result<void> take(Value& value, std::vector<std::string> given);
    std::string unknown(std::string_view word) const;
    Program program_;
    std::vector<const Flag*> order_;
    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace pifleet::process
