#include "forwarder/backends/json_names.hpp"

#include "common/base/utf8.hpp"

#include <algorithm>

namespace pifleet::forwarder {

namespace {

template <class Legal>
bool all(std::string_view text, std::size_t most, const Legal& legal) {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), legal);
}

std::string cut(std::string text, std::size_t most) {
    if (text.size() > most) text.resize(utf8_prefix(text, most).size());
    return text;
}

// A letter first; what does not begin with one gets it.
std::string lettered(std::string text, std::size_t most) {
    if (text.empty() || !ascii_letter(text.front())) text.insert(0, "x");
    return cut(std::move(text), most);
}

template <std::size_t Most>
bool fits(std::string_view text) {
    return text.size() <= Most;
}
template <std::size_t Most>
std::string cut_at(std::string_view text) {
    return std::string(utf8_prefix(text, Most));
}

// OpenTSDB: letters, digits, - _ . / everywhere, values included.
bool tsdb_byte(char c) {
    return ascii_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '/';
}
bool tsdb_legal(std::string_view text) {
    return all(text, 65'535, tsdb_byte);
}
std::string tsdb_mended(std::string_view text) {
    return replaced(text, '_', tsdb_byte);
}

// Datadog: metrics of letters, digits, _ and ., at most 200; tags begin with a letter, have no comma, and are
// at most 200 long as name:value.
constexpr std::size_t datadog_metric = 200, datadog_tag_name = 59, datadog_tag_value = 140;

bool datadog_byte(char c) {
    return ascii_alphanumeric(c) || c == '_' || c == '.';
}
bool datadog_legal_metric(std::string_view name) {
    return all(name, datadog_metric, datadog_byte) && ascii_letter(name.front());
}
std::string datadog_mended_metric(std::string_view name) {
    return lettered(replaced(name, '_', datadog_byte), datadog_metric);
}
bool datadog_legal_tag(std::string_view name) {
    return all(name, datadog_tag_name, datadog_byte) && ascii_letter(name.front());
}
std::string datadog_mended_tag(std::string_view name) {
    return lettered(replaced(name, '_', datadog_byte), datadog_tag_name);
}
bool datadog_legal_value(std::string_view value) {
    return value.size() <= datadog_tag_value && value.find(',') == std::string_view::npos;
}
std::string datadog_mended_value(std::string_view value) {
    std::string out(utf8_prefix(value, datadog_tag_value));
    std::replace(out.begin(), out.end(), ',', '_');
    return out;
}

// SignalFx: names of dimensions of letters, digits, _ and -, a letter first, and not those that it keeps for
// itself.
bool signalfx_byte(char c) {
    return ascii_alphanumeric(c) || c == '_' || c == '-';
}
bool signalfx_reserved(std::string_view name) {
    for (const auto* prefix : {"sf_", "aws_", "gcp_", "azure_"})
        if (name.starts_with(prefix)) return true;
    return false;
}
bool signalfx_legal_label(std::string_view name) {
    return all(name, 128, signalfx_byte) && ascii_letter(name.front()) && !signalfx_reserved(name);
}
std::string signalfx_mended_label(std::string_view name) {
    auto out = replaced(name, '_', signalfx_byte);
    return lettered(signalfx_reserved(out) ? "x_" + out : out, 128);
}

// Splunk: a leading underscore is its own.
bool splunk_legal_label(std::string_view name) {
    return !name.empty() && name.front() != '_' && !name.starts_with("metric_name:");
}
std::string splunk_mended_label(std::string_view name) {
    return "x" + replaced(name, '_', [](char c) { return c != ':'; });
}
bool anything(std::string_view) {
    return true;
}
std::string as_it_is(std::string_view text) {
    return std::string(text);
}

// New Relic: attributes of letters, digits, : . _ and -, names of 254, values of 4096 characters.
bool newrelic_byte(char c) {
    return signalfx_byte(c) || c == ':' || c == '.';
}
bool newrelic_legal_label(std::string_view name) {
    return all(name, 254, newrelic_byte);
}
std::string newrelic_mended_label(std::string_view name) {
    return cut(replaced(name, '_', newrelic_byte), 254);
}

}  // namespace

constinit const NameRules opentsdb_names{
    tsdb_legal, tsdb_legal, tsdb_mended, tsdb_mended, tsdb_legal, tsdb_mended};
constinit const NameRules datadog_names{datadog_legal_metric,
                                        datadog_legal_tag,
                                        datadog_mended_metric,
                                        datadog_mended_tag,
                                        datadog_legal_value,
                                        datadog_mended_value};
constinit const NameRules signalfx_names{
    fits<256>, signalfx_legal_label, cut_at<256>, signalfx_mended_label, fits<256>, cut_at<256>};
constinit const NameRules splunk_names{anything, splunk_legal_label, as_it_is, splunk_mended_label};
constinit const NameRules newrelic_names{
    fits<254>, newrelic_legal_label, cut_at<254>, newrelic_mended_label, fits<4096>, cut_at<4096>};

}  // namespace pifleet::forwarder
