// The help page: everyday flags on a screen, all of them on demand.
#include "common/base/text.hpp"
#include "common/process/command_line.hpp"

#include <algorithm>

namespace pifleet::process {

namespace {

constexpr std::size_t page_width = 100;
constexpr std::size_t widest_flag = 38;  // a wider one has its help on the next line

// How a flag is typed, with its default.
std::string spelled(const Flag& flag) {
    std::string out = "  --";
    if (flag.kind == FlagKind::on_off)
        return out + (flag.preset == "true" ? "[no-]" : "") + std::string(flag.name);
    out += flag.name;
    out += '=';
    out += flag.preset.empty() || flag.preset.find(' ') != flag.preset.npos
               ? '"' + std::string(flag.preset) + '"'
               : std::string(flag.preset);
    return flag.kind == FlagKind::list ? out + " ..." : out;
}

// Appends `text` word by word from `column` on; further lines begin at `indent`.
void append_wrapped(std::string& out, std::string_view text, std::size_t column, std::size_t indent) {
    out.append(indent > column ? indent - column : 0, ' ');
    column = std::max(column, indent);
    bool first = true;
    for (const std::string_view word : fields(text)) {
        if (!first && column + 1 + word.size() > page_width) {
            out += '\n';
            out.append(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
    out += '\n';
}

}  // namespace

std::string CommandLine::help(bool all) const {
    std::vector<const Flag*> rows;
    std::size_t hidden = 0;
    std::size_t widest = 0;
    for (const Flag* row : order_) {
        if (row->help.empty()) continue;
        if (!all && !row->everyday) {
            ++hidden;
            continue;
        }
        rows.push_back(row);
        if (const auto width = spelled(*row).size(); width <= widest_flag) widest = std::max(widest, width);
    }
    // The three flags that every program has were declared first and are of least interest.
    std::rotate(rows.begin(),
                std::find_if(rows.begin(),
                             rows.end(),
                             [](const Flag* row) {
                                 return row->name != "help" && row->name != "help-all" &&
                                        row->name != "version";
                             }),
                rows.end());

    std::string out = std::string(program_.name) + ": " + std::string(program_.summary) +
                      "\n\nUsage: " + std::string(program_.name) + " " + std::string(program_.usage) +
                      "\n\nFlags, with their defaults:\n";
    const std::size_t indent = widest + 2;
    for (const Flag* row : rows) {
        const std::string flag = spelled(*row);
        out += flag;
        std::size_t column = flag.size();
        if (column + 2 > indent) {
            out += '\n';
            column = 0;
        }
        append_wrapped(out, row->help, column, indent);
    }
    if (hidden > 0) {
        out += "\n" + std::to_string(hidden) + (hidden == 1 ? " more flag: " : " more flags: ") +
               std::string(program_.name) + " --help-all\n";
    }
    if (!program_.footer.empty()) out += "\n" + std::string(program_.footer) + "\n";
    return out;
}

}  // namespace pifleet::process
