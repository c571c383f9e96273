#include "forwarder/backends/graphite_lines.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/backends/values.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace pifleet::forwarder {

namespace {

constexpr std::size_t most_path = 8 * 1024;  // carbon breaks off at lines of 16 KiB
constexpr std::int64_t second_ms = 1000;

// Carbon is written in Python, which splits a line at every blank that Unicode has.
bool blank(std::uint32_t point) {
    return point == ' ' || point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
           point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

bool plain(const Utf8Character& character) {
    return character.valid && !control_character(character.point) && !blank(character.point);
}

bool in_path(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':' || c == '-' || c == '.';
}

// Appends the text with a _ for each character that is not legal; whether there was one.
template <class Legal>
bool append_legal(std::string_view text, const Legal& legal, std::string& out) {
    bool changed = false;
    while (!text.empty()) {
        const auto character = first_character(text);
        const auto bytes = text.substr(0, character.length);
        const bool good = plain(character) && legal(bytes);
        if (good)
            out += bytes;
        else
            out += '_';
        changed = changed || !good;
        text.remove_prefix(character.length);
    }
    return changed;
}

// Dots part the path into folders: none of them may be without a name.
bool append_name(std::string_view name, std::string& out) {
    if (name.empty()) {
        out += '_';
        return true;
    }
    const auto begin = out.size();
    const char* const end = name.data() + name.size();
    return append_legal(
        name,
        [&](std::string_view bytes) {
            if (bytes.size() != 1 || !in_path(bytes.front())) return false;
            const bool between = out.size() > begin && out.back() != '.' && bytes.data() + 1 != end;
            return bytes.front() != '.' || between;
        },
        out);
}

std::string tag_name(std::string_view label) {
    if (label == "name") return "label_name";
    std::string out;
    append_legal(
        label,
        [](std::string_view bytes) { return std::string_view(";!^=").find(bytes) == std::string_view::npos; },
        out);
    return out;
}

bool append_tag_value(std::string_view value, std::string& out) {
    const auto begin = out.size();
    return append_legal(
        value,
        [&](std::string_view bytes) { return bytes != ";" && (bytes != "~" || out.size() > begin); },
        out);
}

std::vector<metrics::Label> labels_of(const SentSeries& series, SeriesId id) {
    std::vector<metrics::Label> labels;
    series.each_label(id, [&labels](const metrics::Label& label) { labels.push_back(label); });
    return labels;
}

}  // namespace

bool append_graphite_path(metrics::Labels labels, std::string_view prefix, std::string& out) {
    const auto name = std::find_if(
        labels.begin(), labels.end(), [](const metrics::Label& label) { return label.name == "__name__"; });
    out += prefix;
    bool changed = append_name(name != labels.end() ? name->value : std::string_view(), out);
    std::unordered_set<std::string> mended;
    const auto stands = [labels](const std::string& tag) {
        const auto found = std::lower_bound(
            labels.begin(), labels.end(), tag, [](const metrics::Label& label, const std::string& wanted) {
                return label.name < wanted;
            });
        return found != labels.end() && found->name == tag && !found->value.empty();
    };
    for (const auto& label : labels) {
        if (label.name == "__name__" || label.name.empty() || label.value.empty()) continue;
        const auto tag = tag_name(label.name);
        if (tag != label.name) {
            changed = true;
            if (stands(tag) || !mended.insert(tag).second) continue;
        }
        out.append(";").append(tag).append("=");
        changed = append_tag_value(label.value, out) || changed;
    }
    return changed;
}

bool legal_graphite_prefix(std::string_view text) {
    return std::all_of(text.begin(), text.end(), in_path) && !text.starts_with('.') &&
           text.find("..") == std::string_view::npos;
}

void append_graphite_lines(std::span<const Sample> samples,
                           const SentSeries& series,
                           std::string_view prefix,
                           std::string& out) {
    std::string path;
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        path.clear();
        append_graphite_path(labels_of(series, id), prefix, path);
        for (const auto* sample : of_series) {
            out.append(path).append(" ");
            append_number(out, value_of(*sample));
            out.append(" ").append(std::to_string(sample->time_ms / second_ms)).append("\n");
        }
    });
}

namespace {

std::size_t leave_out_unfit(std::vector<Sample>& batch, const SentSeries& series) {
    std::unordered_set<SeriesId> too_long;
    std::string path;
    for_each_series(batch, [&](SeriesId id, auto) {
        path.clear();
        append_graphite_path(labels_of(series, id), {}, path);
        if (path.size() > most_path) too_long.insert(id);
    });
    return std::erase_if(batch, [&](const Sample& sample) {
        return sample.time_ms < second_ms || too_long.contains(sample.series);
    });
}

std::size_t leave_out_collisions(std::vector<Sample>& batch, const SentSeries& series) {
    std::unordered_map<std::string, SeriesId> owners;
    std::vector<std::pair<std::string, SeriesId>> mended;
    for_each_series(batch, [&](SeriesId id, auto) {
        std::string path;
        if (append_graphite_path(labels_of(series, id), {}, path))
            mended.emplace_back(std::move(path), id);
        else
            owners.emplace(std::move(path), id);
    });
    std::unordered_set<SeriesId> others;
    for (auto& [path, id] : mended)
        if (!owners.emplace(std::move(path), id).second) others.insert(id);
    return std::erase_if(batch, [&](const Sample& sample) { return others.contains(sample.series); });
}

}  // namespace

LeftOutCounts leave_out_of_graphite(std::vector<Sample>& batch, const SentSeries& series) {
    LeftOutCounts out;
    out[LeftOut::unsupported] = leave_out_unfit(batch, series);
    out[LeftOut::collision] = leave_out_collisions(batch, series);
    return out;
}

}  // namespace pifleet::forwarder
