#include "forwarder/backends/sql_batch.hpp"

#include "common/base/utf8.hpp"
#include "forwarder/backends/json_text.hpp"
#include "forwarder/backends/series_number.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace pifleet::forwarder {

namespace {

constexpr std::string_view unknown_character = "\xef\xbf\xbd";

void put(std::string& out, std::uint64_t word) {
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

std::uint64_t take(const char*& at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    at += sizeof word;
    return word;
}

const char* take_text(const char*& at) {
    const auto* const text = at;
    at += std::strlen(at) + 1;
    return text;
}

// What PostgreSQL does not take is another character.
void append_legal(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        const bool legal = character.valid && character.point != 0;
        out += legal ? text.substr(0, character.length) : unknown_character;
        text.remove_prefix(character.length);
    }
}

void append_json(std::string& out, std::string_view text) {
    std::string legal;
    append_legal(legal, text);
    append_json_text(out, legal);
}

}  // namespace

std::string sql_labels(metrics::Labels labels) {
    std::string out = "{";
    for (const auto& label : labels) {
        if (label.name == "__name__") continue;
        if (out.size() > 1) out += ',';
        append_json(out, label.name);
        out += ':';
        append_json(out, label.value);
    }
    return out += '}';
}

std::string sql_batch(std::span<const Sample> samples, const SentSeries& series) {
    std::string head, rows;
    std::uint64_t count = 0;
    std::vector<metrics::Label> labels;
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        labels.clear();
        series.each_label(id, [&labels](const metrics::Label& label) { labels.push_back(label); });
        const auto number = std::bit_cast<std::uint64_t>(series_number(labels));
        ++count;
        put(head, number);
        append_legal(head, name_of(labels));
        head += '\0';
        head.append(sql_labels(labels)) += '\0';
        for (const auto* sample : of_series) {
            put(rows, number);
            put(rows, std::bit_cast<std::uint64_t>(sample->time_ms));
            put(rows, sample->value_bits);
        }
    });
    std::string out;
    put(out, count);
    out += head;
    put(out, samples.size());
    return out += rows;
}

SqlBatch::SqlBatch(std::string bytes) : bytes_(std::move(bytes)) {
    const char* at = bytes_.data();
    for (auto count = take(at); count > 0; --count) {
        const auto id = std::bit_cast<std::int64_t>(take(at));
        const auto* const name = take_text(at);
        series_.push_back({id, name, take_text(at)});
    }
    for (auto count = take(at); count > 0; --count) {
        ids_.push_back(std::bit_cast<std::int64_t>(take(at)));
        times_.push_back(std::bit_cast<std::int64_t>(take(at)));
        values_.push_back(take(at));
    }
}

}  // namespace pifleet::forwarder
