#include "common/metrics/page.hpp"

#include "common/base/text.hpp"
#include "common/metrics/escape.hpp"

#include <algorithm>

namespace pifleet::metrics {

namespace {

constexpr unsigned most_idle = 100;

// OpenMetrics names a counter's family without _total, an info's without _info. A counter that has no _total
// (several of the kernel's counters keep their name) would be renamed by a reader, so it is called unknown
// and keeps its name.
std::string_view openmetrics_type(Type type, std::string_view& name) {
    if (type == Type::counter) {
        if (!name.ends_with("_total")) return type_name(Type::unknown);
        name.remove_suffix(6);
    }
    if (type == Type::info) {
        if (!name.ends_with("_info")) return type_name(Type::gauge);
        name.remove_suffix(5);
    }
    return type_name(type);
}

std::string_view text_type(Type type) {
    switch (type) {
        case Type::unknown:
            return "untyped";
        case Type::info:
        case Type::state_set:
            return "gauge";
        case Type::gauge_histogram:
            return "histogram";
        default:
            return type_name(type);
    }
}

}  // namespace

void append_head(Format format, const Family& family, std::string& out) {
    const bool open = format == Format::openmetrics_1_0;
    std::string_view name = family.name;
    const auto type = open ? openmetrics_type(family.type, name) : text_type(family.type);
    if (!family.help.empty()) {
        out += "# HELP ";
        out += name;
        out += ' ';
        append_escaped(out, family.help, open);
        out += '\n';
    }
    out += "# TYPE ";
    out += name;
    out += ' ';
    out += type;
    out += '\n';
}

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
    std::size_t room = 16;
    for (const auto& block : blocks_) {
        if (block->lines.empty()) continue;
        room += block->lines.size() + 2 * block->name.size() + block->help.size() + 32;
    }
    out.reserve(out.size() + room);
    for (const auto& block : blocks_) {
        if (block->lines.empty()) continue;
        append_head(format, {block->name, block->type, block->help}, out);
        out += block->lines;
    }
    if (format == Format::openmetrics_1_0) out += openmetrics_end;
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
