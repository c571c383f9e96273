#include "forwarder/backends/influx_line.hpp"

#include "common/base/text.hpp"
#include "forwarder/backends/http_backend.hpp"
#include "forwarder/backends/influx_names.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/values.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>

namespace pifleet::forwarder {

namespace {

// Behind these a backslash makes them plain characters.
void append_escaped(std::string& out, std::string_view text, bool measurement) {
    for (const char c : text) {
        if (c == ',' || c == ' ' || (c == '=' && !measurement)) out += '\\';
        out += c;
    }
}

// A series as a point has it: what stands before the fields, and the field.
struct Point {
    std::string head;
    std::string field;
};

void append_tag(std::string& out, std::string_view name, std::string_view value) {
    out += ',';
    append_escaped(out, name, false);
    out += '=';
    append_escaped(out, value, false);
}

void write_head(SeriesId id, const SentSeries& series, InfluxLayout layout, Point& point) {
    point.head.clear();
    point.field = "value";
    std::string_view name, job;
    series.each_label(id, [&](const metrics::Label& label) {
        if (label.name == "__name__") name = label.value;
        if (label.name == "job") job = label.value;
    });
    if (layout == InfluxLayout::single) {
        point.head = "prom";
        append_tag(point.head, "metric", name);
    } else {
        const bool by_job = layout == InfluxLayout::job;
        if (by_job && (job.starts_with('#') || job.starts_with('_')))
            point.head = "x";  // a comment; reserved
        append_escaped(point.head, by_job ? job : name, true);
    }
    if (layout == InfluxLayout::job) {
        point.field.clear();
        append_escaped(point.field, name, false);
    }
    series.each_label(id, [&](const metrics::Label& label) {
        if (label.name == "__name__" || label.value.empty()) return;
        if (layout == InfluxLayout::job && label.name == "job") return;
        const bool taken = layout == InfluxLayout::single && label.name == "metric";
        append_tag(point.head, taken ? "exported_metric" : label.name, label.value);
    });
}

void append_time(std::string& out, std::int64_t time_ms) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, time_ms).ptr;
    out += ' ';
    out.append(text, end);
    out += '\n';
}

void append_field(std::string& out, std::string_view field, const Sample& sample) {
    out += field;
    out += '=';
    append_number(out, value_of(sample));
}

// The samples of one label set and time in one line, where the first of them stands.
void encode_by_job(std::span<const Sample> samples, const SentSeries& series, std::string& out) {
    std::unordered_map<std::string, std::size_t> lines;  // what the line begins and ends with -> its number
    std::vector<std::pair<std::string_view, std::string>> fields;
    std::vector<std::int64_t> times;
    Point point;
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        write_head(id, series, InfluxLayout::job, point);
        for (const auto* sample : of_series) {
            auto key = point.head + '\n' + std::to_string(sample->time_ms);
            const auto [line, fresh] = lines.try_emplace(std::move(key), fields.size());
            if (fresh) {
                fields.emplace_back(std::string_view(line->first).substr(0, point.head.size()), "");
                times.push_back(sample->time_ms);
            }
            auto& text = fields[line->second].second;
            text += text.empty() ? ' ' : ',';
            append_field(text, point.field, *sample);
        }
    });
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out += fields[i].first;
        out += fields[i].second;
        append_time(out, times[i]);
    }
}

bool lacks(SeriesId id, const SentSeries& series, std::string_view label) {
    bool found = false;
    series.each_label(
        id, [&](const metrics::Label& one) { found = found || (one.name == label && !one.value.empty()); });
    return !found;
}

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
    return found;
}

}  // namespace

const NameRules* InfluxEncoder::names() const {
    return options_.underscored ? &influx_underscored : &influx_names;
}

LeftOutCounts InfluxEncoder::leave_out(std::vector<Sample>& batch, const SentSeries& series) const {
    LeftOutCounts out;
    const auto needed = options_.layout == InfluxLayout::job ? "job" : "__name__";
    out[LeftOut::unsupported] =
        std::erase_if(batch, [&](const Sample& sample) { return lacks(sample.series, series, needed); });
    return out;
}

void InfluxEncoder::encode(std::span<const Sample> samples,
                           const SentSeries& series,
                           std::string& out) const {
    if (options_.layout == InfluxLayout::job) return encode_by_job(samples, series, out);
    Point point;
    for_each_series(samples, [&](SeriesId id, std::span<const Sample* const> of_series) {
        write_head(id, series, options_.layout, point);
        for (const auto* sample : of_series) {
            out += point.head;
            out += ' ';
            append_field(out, point.field, *sample);
            append_time(out, sample->time_ms);
        }
    });
}

// InfluxDB 1 and 2 give the number for what did not fit the schema, and 0 for lines that they could not read,
// which they name instead; 3 lists the lines, and Cloud Serverless, which is 3 within, puts them in a
// sentence. QuestDB has nearly that sentence and writes nothing: its answers have an errorId.
std::optional<std::uint64_t> influx_lines_lost(std::string_view answer) {
    if (const auto lines = count(answer, "\"line_number\"");
        answer.find("partial write of line protocol") != std::string_view::npos)
        return lines;
    if (answer.find("errors encountered on line(s): line ") != std::string_view::npos &&
        answer.find("errorId") == std::string_view::npos)
        return count(answer, "line ") - count(answer, "parse line ");
    if (answer.find("partial write") == std::string_view::npos) return {};
    constexpr std::string_view word = "dropped=";
    std::uint64_t lost = 0;
    if (const auto at = answer.find(word); at != std::string_view::npos)
        std::from_chars(answer.data() + at + word.size(), answer.data() + answer.size(), lost);
    return lost > 0 ? lost : std::max<std::uint64_t>(1, count(answer, "unable to parse"));
}

Verdict InfluxEncoder::judge(const http::Response& answer,
                             std::size_t samples,
                             std::chrono::system_clock::time_point now) const {
    auto verdict = verdict_of(answer, now);
    const auto& status = answer.status;
    if (status == 404) verdict.kind = Verdict::Kind::denied;  // the database or bucket: it can be made
    if (status != 400 && status != 422) return verdict;
    if (const auto lost = influx_lines_lost(answer.body)) {
        verdict.kind = Verdict::Kind::dropped;
        verdict.written = samples - std::min<std::uint64_t>(*lost, samples);
    }
    return verdict;
}

namespace {

constexpr Setting settings[] = {
    {"layout",
     "metric",
     "What a measurement is: metric (each metric is one, its field is value), job (the label job; metrics "
     "are fields) or single (all in one, prom, with the tag metric)."},
    {"names", "as_they_are", "Names: as_they_are, or underscored (letters, digits and _ only)."},
};

std::string_view precision(const http::Url& url) {
    return url.target.starts_with("/api/v3/") ? "millisecond" : "ms";
}

std::optional<SettingFault> check(const BackendConfig& config) {
    if (auto wrong = one_of(config, "layout", {"metric", "job", "single"})) return wrong;
    if (auto wrong = one_of(config, "names", {"as_they_are", "underscored"})) return wrong;
    const auto given = parameter(config.url.target, "precision");
    if (given && *given != precision(config.url))
        return SettingFault{
            "url",
            "times are sent in milliseconds: precision=" + std::string(precision(config.url)) + ", or none"};
    return {};
}

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    auto precise = config;
    precise.url.target = with_parameter(config.url.target, "precision", precision(config.url));
    const auto layout = setting(config, "layout");
    InfluxOptions options;
    options.layout = layout == "job"      ? InfluxLayout::job
                     : layout == "single" ? InfluxLayout::single
                                          : InfluxLayout::metric;
    options.underscored = setting(config, "names") == "underscored";
    return std::make_unique<HttpBackend>(precise, context, std::make_unique<InfluxEncoder>(options));
}

}  // namespace

extern const Protocol influx_protocol;
constinit const Protocol influx_protocol{
    "influx", "Influx line protocol: InfluxDB 1, 2, 3 and Cloud, QuestDB", settings, make, check};

}  // namespace pifleet::forwarder
