#include "forwarder/backends/otlp.hpp"

#include "common/base/text.hpp"
#include "common/base/utf8.hpp"
#include "forwarder/backends/http_backend.hpp"
#include "forwarder/backends/settings.hpp"
#include "forwarder/backends/values.hpp"
#include "forwarder/sample_log/bytes.hpp"

#include <algorithm>
#include <memory>

namespace pifleet::forwarder {

namespace {

// Google's, whose rules are the narrowest of those who take OTLP: a letter first.
bool legal_metric(std::string_view name) {
    const auto legal = [](char c) {
        return ascii_alphanumeric(c) || c == '_' || c == ':' || c == '.' || c == '/';
    };
    return !name.empty() && ascii_letter(name.front()) && std::all_of(name.begin(), name.end(), legal);
}

bool legal_label_byte(char c) {
    return ascii_alphanumeric(c) || c == '_' || c == '.';
}

bool legal_label(std::string_view name) {
    return !name.empty() && (ascii_letter(name.front()) || name.front() == '_') &&
           std::all_of(name.begin(), name.end(), legal_label_byte);
}

std::string mended_metric(std::string_view name) {
    auto out = replaced(name, '_', [](char c) { return legal_label_byte(c) || c == ':' || c == '/'; });
    return legal_metric(out) ? out : "x" + out;
}

std::string mended_label(std::string_view name) {
    auto out = replaced(name, '_', legal_label_byte);
    return legal_label(out) ? out : "_" + out;
}

constinit const NameRules prometheus_like{legal_metric, legal_label, mended_metric, mended_label};

// What the series of one histogram or summary share at one time; empty: it is part of none.
std::string group_of(const Sample& sample, const SentSeries& series) {
    const auto part = series.part(sample.series);
    if (part == SeriesPart::gauge || part == SeriesPart::counter) return {};
    const std::string_view bound = part == SeriesPart::bucket ? "le" : "quantile";
    auto key = std::to_string(sample.time_ms);
    series.each_label(sample.series, [&](const metrics::Label& label) {
        if (label.name == bound) return;
        const bool name = label.name == "__name__";
        key.append(1, '\xff').append(label.name).append(1, '\xff');
        key.append(name ? family_name(label.value, part) : label.value);
    });
    return key;
}

// A message's fields, until the callback has enough or something is wrong: number, varint, text.
template <class Each>
void each_field(std::string_view message, const Each& each) {
    ByteReader reader(message);
    while (reader.good() && !reader.rest().empty()) {
        const auto key = reader.varint();
        const auto wire_type = key & 7;
        std::uint64_t number = 0;
        std::string_view text;
        if (wire_type == 0)
            number = reader.varint();
        else if (wire_type == 1)
            number = reader.fixed<std::uint64_t>();
        else if (wire_type == 2)
            text = reader.take(reader.varint());
        else if (wire_type == 5)
            number = reader.fixed<std::uint32_t>();
        else
            return;
        if (reader.good()) each(key >> 3, number, text);
    }
}

bool lacks_name(SeriesId id, const SentSeries& series) {
    bool found = false;
    series.each_label(id, [&](const metrics::Label& label) { found = found || label.name == "__name__"; });
    return !found;
}

}  // namespace

namespace otlp {

constexpr std::size_t most_said = 300;

Said read_success(std::string_view body) {
    Said said;
    each_field(body, [&](std::uint64_t field, std::uint64_t, std::string_view partial) {
        if (field != 1) return;
        each_field(partial, [&](std::uint64_t inner, std::uint64_t number, std::string_view text) {
            if (inner == 1) said.rejected = number;
            if (inner == 2) said.message = printable(text, most_said);
        });
    });
    return said;
}

Said read_error(std::string_view body) {
    Said said;
    each_field(body, [&](std::uint64_t field, std::uint64_t, std::string_view text) {
        if (field == 2) said.message = printable(text, most_said);
    });
    return said;
}

}  // namespace otlp

const NameRules* OtlpEncoder::names() const {
    return options_.prometheus_names ? &prometheus_like : nullptr;
}

std::size_t OtlpEncoder::whole(std::span<const Sample> batch, const SentSeries& series) const {
    if (batch.empty()) return 0;
    const auto group = group_of(batch.back(), series);
    if (group.empty()) return batch.size();
    auto size = batch.size() - 1;
    while (size > 0 && group_of(batch[size - 1], series) == group) --size;
    return size;
}

// A sum has to be a number, and one that only goes up is none below zero.
LeftOutCounts OtlpEncoder::leave_out(std::vector<Sample>& batch, const SentSeries& series) const {
    LeftOutCounts out;
    std::erase_if(batch, [&](const Sample& sample) {
        const auto part = series.part(sample.series);
        const bool below_zero = is_cumulative(part) && part != SeriesPart::sum && value_of(sample) < 0;
        const bool unsupported = below_zero || lacks_name(sample.series, series) || sample.time_ms <= 0;
        if (unsupported) ++out[LeftOut::unsupported];
        return unsupported;
    });
    return out;
}

void OtlpEncoder::encode(std::span<const Sample> samples, const SentSeries& series, std::string& out) const {
    otlp::RequestBuilder request(options_.request, series);
    for_each_series(
        samples, [&](SeriesId id, std::span<const Sample* const> of_series) { request.add(id, of_series); });
    request.write(out);
}

Verdict OtlpEncoder::judge(const http::Response& answer,
                           std::size_t samples,
                           std::chrono::system_clock::time_point now) const {
    auto verdict = verdict_of(answer, now);
    const auto type = http::find_header(answer.headers, "Content-Type");
    const bool protobuf = type.starts_with("application/x-protobuf");
    if (verdict.kind == Verdict::Kind::delivered) {
        const auto said = otlp::read_success(protobuf || type.empty() ? answer.body : std::string_view{});
        if (said.rejected == 0) return verdict;
        verdict.kind = Verdict::Kind::dropped;
        verdict.reason = std::to_string(said.rejected) + " data points rejected: " + said.message;
        verdict.written = samples - std::min<std::uint64_t>(said.rejected, samples);
    } else if (protobuf) {
        verdict.reason = "status " + std::to_string(answer.status);
        if (const auto said = otlp::read_error(answer.body); !said.message.empty())
            verdict.reason += ": " + said.message;
    }
    return verdict;
}

namespace {

constexpr Setting settings[] = {
    {"temporality",
     "cumulative",
     "What counters and histograms are sent as: cumulative (what they stand at) or delta (the increase)."},
    {"resource_attributes", "", "Attributes of every resource: name=value, separated by commas."},
    {"names",
     "as_they_are",
     "Names: as_they_are, or prometheus (letters, digits, _ : . /, a letter first), which Google insists "
     "on."},
};

// Nothing: one of the pairs is none.
std::optional<OwnedLabels> pairs_of(std::string_view text) {
    OwnedLabels pairs;
    if (trim(text).empty()) return pairs;
    for (const auto part : split(text, ',')) {
        const auto equals = part.find('=');
        const auto name = trim(part.substr(0, equals));
        if (equals == std::string_view::npos || name.empty()) return {};
        pairs.emplace_back(name, trim(part.substr(equals + 1)));
    }
    return pairs;
}

std::optional<SettingFault> check(const BackendConfig& config) {
    if (auto wrong = one_of(config, "temporality", {"cumulative", "delta"})) return wrong;
    if (auto wrong = one_of(config, "names", {"as_they_are", "prometheus"})) return wrong;
    if (!pairs_of(setting(config, "resource_attributes")))
        return SettingFault{"resource_attributes", "expected name=value, separated by commas"};
    return {};
}

std::unique_ptr<Backend> make(const BackendConfig& config, const BackendContext& context) {
    OtlpOptions options;
    options.request.delta = setting(config, "temporality") == "delta";
    options.request.resource = pairs_of(setting(config, "resource_attributes")).value_or(OwnedLabels{});
    options.prometheus_names = setting(config, "names") == "prometheus";
    return std::make_unique<HttpBackend>(config, context, std::make_unique<OtlpEncoder>(std::move(options)));
}

}  // namespace

extern const Protocol otlp_protocol;
constinit const Protocol otlp_protocol{
    "otlp", "OpenTelemetry's protocol over HTTP (protobuf)", settings, make, check};

}  // namespace pifleet::forwarder
