#include "common/metrics/page.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace pifleet::metrics {

namespace {

// Label values escape backslash, quote and line end; help texts backslash and line end (OpenMetrics: quotes
// too).
void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (;;) {
        const auto special = text.find_first_of(quotes ? "\\\"\n" : "\\\n");
        out += text.substr(0, special);
        if (special == std::string_view::npos) return;
        out += '\\';
        out += text[special] == '\n' ? 'n' : text[special];
        text.remove_prefix(special + 1);
    }
}

constexpr unsigned most_idle = 100;

}  // namespace

// A family's samples, already as lines: their bytes are the same in both formats.
struct Page::Block {
    std::string name;
    std::string help;
    Type type;
    std::string lines;
    unsigned idle = 0;  // pages since its last sample
};

Page::Page() = default;
Page::~Page() = default;

Page::Block& Page::block_of(const Family& family) {
    if (last_ != nullptr && last_->name == family.name) return *last_;
    if (const auto found = by_name_.find(family.name); found != by_name_.end()) {
        last_ = found->second;
    } else {
        const auto place = std::lower_bound(
            blocks_.begin(),
            blocks_.end(),
            family.name,
            [](const std::unique_ptr<Block>& block, std::string_view name) { return block->name < name; });
        auto block = std::make_unique<Block>(
            Block{std::string(family.name), std::string(family.help), family.type, {}});
        last_ = blocks_.insert(place, std::move(block))->get();
        by_name_.emplace(last_->name, last_);
    }
    if (last_->lines.empty()) {  // the first sample since clear(): a text file may have changed its mind
        last_->type = family.type;
        if (last_->help != family.help) last_->help = family.help;
    }
    return *last_;
}

void Page::add(const Family& family, Labels labels, double value) {
    add_part(family, {}, labels, value);
}

void Page::add_part(const Family& family, std::string_view suffix, Labels labels, double value) {
    std::string& out = block_of(family).lines;
    out += family.name;
    out += suffix;
    char before = '{';
    for (const auto& label : labels) {
        out += before;
        out += label.name;
        out += "=\"";
        append_escaped(out, label.value, true);
        out += '"';
        before = ',';
    }
    if (before == ',') out += '}';
    out += ' ';
    append_number(out, value);
    out += '\n';
    ++samples_;
}

bool Page::has(std::string_view family) const {
    const auto found = by_name_.find(family);
    return found != by_name_.end() && !found->second->lines.empty();
}

void Page::write(Format format, std::string& out) const {
    const bool open = format == Format::openmetrics_1_0;
    std::size_t room = 16;
    for (const auto& block : blocks_) {
        if (block->lines.empty()) continue;
        room += block->lines.size() + 2 * block->name.size() + block->help.size() + 32;
    }
    out.reserve(out.size() + room);
    for (const auto& block : blocks_) {
        if (block->lines.empty()) continue;
        std::string_view name = block->name;
        std::string_view type = type_name(block->type);
        if (open && block->type == Type::counter) {
            // OpenMetrics names a counter's family without _total. A counter that has none (several of the
            // kernel's counters keep their name) would be renamed by a reader, so it is called unknown and
            // keeps its name.
            if (name.ends_with("_total"))
                name.remove_suffix(6);
            else
                type = type_name(Type::unknown);
        }
        if (open && block->type == Type::info && !name.ends_with("_info")) type = type_name(Type::gauge);
        if (open && block->type == Type::info && name.ends_with("_info")) name.remove_suffix(5);
        if (!open) {
            switch (block->type) {
                case Type::unknown:
                    type = "untyped";
                    break;
                case Type::info:
                case Type::state_set:
                    type = "gauge";
                    break;
                case Type::gauge_histogram:
                    type = "histogram";
                    break;
                default:
                    break;
            }
        }
        if (!block->help.empty()) {
            out += "# HELP ";
            out += name;
            out += ' ';
            append_escaped(out, block->help, open);
            out += '\n';
        }
        out += "# TYPE ";
        out += name;
        out += ' ';
        out += type;
        out += '\n';
        out += block->lines;
    }
    if (open) out += "# EOF\n";
}

void Page::clear() {
    // A text file may name ever new families: what has not been used for long makes room.
    std::erase_if(blocks_, [this](const std::unique_ptr<Block>& block) {
        block->idle = block->lines.empty() ? block->idle + 1 : 0;
        if (block->idle <= most_idle) return false;
        by_name_.erase(block->name);
        return true;
    });
    for (const auto& block : blocks_) block->lines.clear();
    last_ = nullptr;
    samples_ = 0;
}

}  // namespace pifleet::metrics
