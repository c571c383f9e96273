// Software RAID: each array's disks, state and progress of /proc/mdstat, and what is missing of it by
// /sys/block/md*/md.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family disks{"node_md_disks", Type::gauge, "Disks of the array, by their state."};
constexpr Family disks_required{"node_md_disks_required", Type::gauge, "Disks that the array wants."};
constexpr Family state_of{"node_md_state", Type::gauge, "Whether the array is in this state."};
constexpr Family blocks{"node_md_blocks", Type::gauge, "Blocks of the array."};
constexpr Family blocks_synced{"node_md_blocks_synced", Type::gauge, "Blocks that are synchronised."};
constexpr Family degraded{"node_md_degraded", Type::gauge, "Disks that the array lacks."};
constexpr Family raid_disks{"node_md_raid_disks", Type::gauge, "Disks of the array when it is whole."};

struct State {
    std::string_view label, word;  // what the sync line calls it
};
constexpr State states[] = {
    {"active", ""},
    {"inactive", ""},
    {"recovering", "recovery"},
    {"resync", "resync"},
    {"check", "check"},
    {"", "reshape"},  // has no series of its own
};
// Cannot lack a disk, and have no file that says how many.
constexpr std::string_view levels_without_redundancy[] = {"raid0", "linear"};

struct Array {
    std::string device;
    std::string_view state;
    std::uint64_t size = 0, synced = 0, wanted = 0, active = 0, failed = 0, spare = 0;
};

std::uint64_t count(std::string_view text, std::string_view what) {
    std::uint64_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
        ++found;
    return found;
}

// "4883648 blocks super 1.2 [2/1] [U_]" has two disks, one of them active.
bool parse_disks(std::string_view line, Array& array) {
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
        const auto slash = word.find('/');
        if (word.front() != '[' || word.back() != ']' || slash == std::string_view::npos) continue;
        const auto wanted = to_unsigned(word.substr(1, slash - 1));
        const auto active = to_unsigned(word.substr(slash + 1, word.size() - slash - 2));
        if (!wanted || !active) continue;
        array.wanted = *wanted;
        array.active = *active;
        return true;
    }
    return false;
}

// "[=>...]  recovery = 8.5% (16775552/195310144) finish=17.0min speed=259783K/sec": the first number in
// parentheses.
std::optional<std::uint64_t> parse_progress(std::string_view line) {
    const auto open = line.find('(');
    const auto slash = line.find('/', open);
    if (open == std::string_view::npos || slash == std::string_view::npos) return std::nullopt;
    return to_unsigned(line.substr(open + 1, slash - open - 1));
}

// "md0 : active raid1 sdb1[1] sda1[0]", then a line about its size and, while it is synchronising, one about
// that.
Result<Array> parse_array(LineReader& lines) {
    const auto first = lines.line();
    Array array;
    array.device = valid_utf8(lines.word());
    const bool colon = lines.word() == ":";
    const auto activity = lines.word();
    if (!colon || (activity != "active" && activity != "inactive"))
        return lines.error("not 'DEVICE : active ...'");
    array.state = activity == "active" ? states[0].label : states[1].label;
    array.failed = count(first, "(F)");
    array.spare = count(first, "(S)");
    const bool has_redundancy =
        first.find("raid0") == std::string_view::npos && first.find("linear") == std::string_view::npos;
    if (!lines.next()) return lines.error("the size of the array is missing");
    const auto sizes = lines.line();
    const auto size = lines.number();
    if (!size) return size.error();
    array.size = array.synced = *size;
    if (!has_redundancy)
        array.wanted = array.active = count(first, "[");
    else if (activity == "active" && !parse_disks(sizes, array))
        return lines.error("no number of disks");
    return array;
}

// Whether the line tells of a synchronisation; false when it is about something else.
Result<bool> parse_sync(const LineReader& lines, Array& array) {
    const auto line = lines.line();
    const auto* const state = std::find_if(std::begin(states), std::end(states), [&](const State& each) {
        return !each.word.empty() && line.find(each.word) != std::string_view::npos;
    });
    if (state == std::end(states)) return false;
    array.state = state->label;
    array.synced = 0;
    if (line.find("PENDING") != std::string_view::npos || line.find("DELAYED") != std::string_view::npos)
        return true;
    const auto progress = parse_progress(line);
    if (!progress) return lines.error("no progress of a synchronisation");
    array.synced = *progress;
    return true;
}

void add_array(const Array& array, metrics::Page& page) {
    const auto add = [&](const Family& family, std::uint64_t value) {
        page.add(family, {{"device", array.device}}, static_cast<double>(value));
    };
    const auto add_disks = [&](std::string_view state, std::uint64_t value) {
        page.add(disks, {{"device", array.device}, {"state", state}}, static_cast<double>(value));
    };
    add(disks_required, array.wanted);
    add_disks("active", array.active);
    add_disks("failed", array.failed);
    add_disks("spare", array.spare);
    for (const auto& state : states)
        if (!state.label.empty())
            page.add(state_of,
                     {{"device", array.device}, {"state", state.label}},
                     array.state == state.label ? 1 : 0);
    add(blocks, array.size);
    add(blocks_synced, array.synced);
}

Result<void> add_arrays(const std::string& path, metrics::Page& page) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    std::optional<Array> array;
    const auto finish = [&] {
        if (array) add_array(*array, page);
        array.reset();
    };
    while (lines.next()) {
        const auto line = lines.line();
        if (line.empty() || line.starts_with("Personalities") || line.starts_with("unused devices")) continue;
        if (line.front() == ' ' || line.front() == '\t') {
            if (!array) continue;
            if (const auto parsed = parse_sync(lines, *array); !parsed) return parsed.error();
            continue;
        }
        finish();
        auto parsed = parse_array(lines);
        if (!parsed) return parsed.error();
        array = std::move(*parsed);
    }
    finish();
    return {};
}

Result<void> add_redundancy(const std::string& folder, const std::string& device, metrics::Page& page) {
    const auto level = read_line(folder + "/level");
    if (!level) return level.error();
    const auto whole = read_unsigned(folder + "/raid_disks");
    if (!whole) return failure(whole.error().message);
    page.add(raid_disks, {{"device", device}}, static_cast<double>(*whole));
    const auto& levels = levels_without_redundancy;
    Result<std::uint64_t> lacking = std::uint64_t{0};
    if (std::find(std::begin(levels), std::end(levels), *level) == std::end(levels))
        lacking = read_unsigned(folder + "/degraded");
    if (!lacking) return lacking.error();
    page.add(degraded, {{"device", device}}, static_cast<double>(*lacking));
    return {};
}

class Mdadm final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        auto result = add_arrays(host.proc("mdstat"), page);
        if (!result && result.error().kind == Error::Kind::absent) return result;
        const auto block = host.sys("block");
        const auto names = list_folder(block);
        if (!names) return result;
        for (const auto& name : *names) {
            if (!name.starts_with("md")) continue;
            const auto added = add_redundancy(block + "/" + name + "/md", valid_utf8(name), page);
            if (!added && added.error().kind == Error::Kind::failure) note(result, added);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind mdadm_kind;
constinit const CollectorKind mdadm_kind{"mdadm", true, "software RAID", {}, make_collector<Mdadm>};

}  // namespace pifleet::node
