#include "forwarder/backends/json_table.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/backends/delta_state.hpp"
#include "forwarder/backends/http_backend.hpp"
#include "forwarder/backends/json_text.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace pifleet::forwarder {

namespace {

constexpr char hex[] = "0123456789abcdef";

void append_integer(std::string& out, std::int64_t number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void append_hex(std::string& out, std::uint64_t number) {
    for (int shift = 60; shift >= 0; shift -= 4) out += hex[number >> shift & 15];
}

// Seconds with three digits behind the point.
void append_decimal(std::string& out, std::int64_t time_ms) {
    append_integer(out, time_ms / 1000);
    const auto rest = time_ms % 1000;
    if (rest < 0) return;
    out += '.';
    for (const auto digit : {rest / 100, rest / 10 % 10, rest % 10}) out += static_cast<char>('0' + digit);
}

}  // namespace

JsonEncoder::JsonEncoder(const JsonSystem& system)
    : system_(system),
      sample_(pieces_of(system.sample)),
      counter_(pieces_of(system.counter.empty() ? system.sample : system.counter)) {}

JsonEncoder::Pieces JsonEncoder::pieces_of(std::string_view text) {
    constexpr std::pair<std::string_view, Word> words[] = {
        {"name", Word::name},
        {"key", Word::key},
        {"value", Word::value},
        {"ms", Word::ms},
        {"seconds", Word::seconds},
        {"decimal", Word::decimal},
        {"since", Word::since},
        {"interval_ms", Word::interval_ms},
        {"interval_s", Word::interval_s},
        {"labels", Word::labels},
        {"more", Word::more},
        {"tags", Word::tags},
        {"labels_text", Word::labels_text},
        {"id", Word::id},
    };
    Pieces pieces;
    for (;;) {
        const auto at = text.find('$');
        if (at == std::string_view::npos) break;
        auto end = at + 1;
        while (end < text.size() && (ascii_letter(text[end]) || text[end] == '_')) ++end;
        const auto word = text.substr(at + 1, end - at - 1);
        const auto* known = std::find_if(
            std::begin(words), std::end(words), [word](const auto& one) { return one.first == word; });
        if (known == std::end(words)) throw std::logic_error("no such word: $" + std::string(word));
        pieces.push_back({text.substr(0, at), known->second});
        text.remove_prefix(end);
    }
    pieces.push_back({text, Word::none});
    return pieces;
}

bool JsonEncoder::has(const Pieces& pieces, Word word) {
    return std::any_of(pieces.begin(), pieces.end(), [word](const Piece& p) { return p.word == word; });
}

std::optional<Deltas> JsonEncoder::counters() const {
    if (!system_.increases) return {};
    return Deltas(Deltas::Send::increase, system_.resolution_ms);
}

LeftOutCounts JsonEncoder::leave_out(std::vector<Sample>& batch, const SentSeries& series) const {
    LeftOutCounts out;
    out[LeftOut::unsupported] = std::erase_if(batch, [&](const Sample& sample) {
        std::size_t labels = 0;
        bool named = false;
        series.each_label(sample.series, [&](const metrics::Label& label) {
            if (label.name == "__name__")
                named = !label.value.empty();
            else if (!label.value.empty())
                ++labels;
        });
        return !named || labels < system_.least_labels || labels > system_.most_labels || sample.time_ms < 0;
    });
    return out;
}

// What all samples of a series have in common, as far as the row has words for it.
void JsonEncoder::read(SeriesId id,
                       const SentSeries& series,
                       const Pieces& pieces,
                       SeriesTexts& texts) const {
    texts = {};
    const bool tags = has(pieces, Word::tags);
    series.each_label(id, [&](const metrics::Label& label) {
        if (label.name == "__name__") {
            append_json_escaped(texts.name, label.value);
            return;
        }
        if (label.value.empty()) return;
        if (tags) {
            texts.tags += texts.tags.empty() ? "\"" : ",\"";
            append_json_escaped(texts.tags, label.name);
            texts.tags += ':';
            append_json_escaped(texts.tags, label.value);
            texts.tags += '"';
        } else {
            texts.more += ',';
            append_json_text(texts.more, label.name);
            texts.more += ':';
            append_json_text(texts.more, label.value);
        }
    });
    if (!texts.more.empty()) texts.labels = texts.more.substr(1);
    if (has(pieces, Word::labels_text)) append_json_text(texts.labels_text, "{" + texts.labels + "}");
    if (has(pieces, Word::id)) texts.hash = stable_hash(texts.name + texts.more);
}

void JsonEncoder::write(const Pieces& pieces,
                        const SeriesTexts& texts,
                        const Sample& sample,
                        std::int64_t since_ms,
                        std::string& out) {
    const auto interval_ms = std::max<std::int64_t>(1, sample.time_ms - since_ms);
    for (const auto& [before, word] : pieces) {
        out += before;
        switch (word) {
            case Word::none:
                break;
            case Word::name:
                out.append(1, '"').append(texts.name).append(1, '"');
                break;
            case Word::key:
                out += texts.name;
                break;
            case Word::value:
                append_number(out, value_of(sample));
                break;
            case Word::ms:
                append_integer(out, sample.time_ms);
                break;
            case Word::seconds:
                append_integer(out, sample.time_ms / 1000);
                break;
            case Word::decimal:
                append_decimal(out, sample.time_ms);
                break;
            case Word::since:
                append_integer(out, since_ms);
                break;
            case Word::interval_ms:
                append_integer(out, interval_ms);
                break;
            case Word::interval_s:
                append_integer(out, std::max<std::int64_t>(1, (interval_ms + 500) / 1000));
                break;
            case Word::labels:
                out += texts.labels;
                break;
            case Word::more:
                out += texts.more;
                break;
            case Word::tags:
                out += texts.tags;
                break;
            case Word::labels_text:
                out += texts.labels_text;
                break;
            case Word::id:
                out += '"';
                append_hex(out, texts.hash);
                append_hex(out, static_cast<std::uint64_t>(sample.time_ms));
                out += '"';
                break;
        }
    }
}

// Where increases are sent, those whose beginning is known are counters, whatever pages say by now.
void JsonEncoder::encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const {
    SeriesTexts texts;
    const bool lists = !system_.gauges.open.empty();
    std::string written[2];  // gauges, counters; all in the first where there are no such lists
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        read(id, series, sample_, texts);
        const bool counter = !system_.increases && lists && is_cumulative(series.part(id));
        for (const auto* sample : of_series) {
            auto& into = written[counter ? 1 : 0];
            if (!into.empty()) into += system_.between;
            const auto since = series.since(*sample);
            write(since ? counter_ : sample_, texts, *sample, since.value_or(sample->time_ms), into);
        }
    });
    out += system_.open;
    for (const bool counter : {false, true}) {
        const auto& all = written[counter ? 1 : 0];
        if (all.empty()) continue;
        const auto& list = counter ? system_.counters : system_.gauges;
        if (counter && !written[0].empty()) out += system_.between;
        out.append(list.open).append(all).append(list.close);
    }
    out += system_.close;
}

Verdict JsonEncoder::judge(const http::Response& answer,
                           std::size_t samples,
                           std::chrono::system_clock::time_point now) const {
    auto verdict = verdict_of(answer, now);
    if (system_.judge != nullptr) system_.judge(answer, samples, verdict);
    return verdict;
}

namespace {

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    const auto* system = find_json_system(config.protocol);
    return std::make_unique<HttpBackend>(config, context, std::make_unique<JsonEncoder>(*system));
}

}  // namespace

std::span<const Protocol> json_protocols() {
    static const auto all = [] {
        std::vector<Protocol> protocols;
        for (const auto& system : json_systems()) {
            Protocol one{system.name, system.help, {}, make};
            one.max_age = system.max_age;
            protocols.push_back(one);
        }
        return protocols;
    }();
    return all;
}

}  // namespace pifleet::forwarder
