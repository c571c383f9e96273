#include "forwarder/config/scrape_protocols.hpp"

#include "common/base/text.hpp"
#include "common/config/fields.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

using config::Faults;
using config::Node;

namespace {

constexpr std::string_view protocol_names[] = {"OpenMetricsText0.0.1",
                                               "OpenMetricsText1.0.0",
                                               "PrometheusProto",
                                               "PrometheusText0.0.4",
                                               "PrometheusText1.0.0"};
constexpr std::string_view validation_names[] = {"legacy", "utf8"};
constexpr std::string_view escaping_names[] = {"allow-utf-8", "underscores", "dots", "values"};

// The place of the word in the list, or a fault that names all of them.
std::optional<std::size_t> choice(const Node& node, std::span<const std::string_view> names, Faults& faults) {
    std::string word;
    decode(node, word, faults);
    if (node.kind != Node::Kind::scalar) return std::nullopt;
    const auto found = std::find(names.begin(), names.end(), word);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    std::string what = "'" + word + "' is not known here" + did_you_mean(word, names) + "; expected";
    for (const auto name : names) what += (name == names.front() ? " " : ", ") + std::string(name);
    faults.add(node.place, what);
    return std::nullopt;
}

void check(const ScrapeProtocols& protocols, const Node& node, Faults& faults) {
    if (protocols.validation != NameValidation::legacy || protocols.escaping != NameEscaping::allow_utf_8)
        return;
    const auto* asked = node.find("metric_name_validation_scheme");
    faults.add(
        asked != nullptr ? asked->place : node.place,
        "metric_name_validation_scheme legacy takes no names of UTF-8, which metric_name_escaping_scheme "
        "allow-utf-8 asks for: set metric_name_escaping_scheme to underscores, dots or values");
}

}  // namespace

void read_protocols(const Node& node, ScrapeProtocols& into, Faults& faults) {
    if (!config::expect_sequence(node, faults)) return;
    if (node.items.empty()) faults.add(node.place, "scrape_protocols needs at least one protocol");
    for (const auto& item : node.items) {
        const auto chosen = choice(item, protocol_names, faults);
        if (!chosen) continue;
        const auto protocol = static_cast<ScrapeProtocol>(*chosen);
        if (std::find(into.list.begin(), into.list.end(), protocol) != into.list.end())
            faults.add(item.place, "'" + item.text + "' is named twice");
        else
            into.list.push_back(protocol);
    }
}

void read_name_validation(const Node& node, ScrapeProtocols& into, Faults& faults) {
    if (const auto chosen = choice(node, validation_names, faults))
        into.validation = static_cast<NameValidation>(*chosen + 1);
}

void read_name_escaping(const Node& node, ScrapeProtocols& into, Faults& faults) {
    if (const auto chosen = choice(node, escaping_names, faults))
        into.escaping = static_cast<NameEscaping>(*chosen + 1);
}

void read_fallback_protocol(const Node& node, std::optional<ScrapeProtocol>& into, Faults& faults) {
    const auto chosen = choice(node, protocol_names, faults);
    if (!chosen) return;
    into = static_cast<ScrapeProtocol>(*chosen);
    if (into == ScrapeProtocol::protobuf)
        faults.add(node.place, "PrometheusProto is not read here; expected one of the text formats");
}

void complete(ScrapeProtocols& global, const Node& node, Faults& faults) {
    if (global.list.empty())
        global.list = {ScrapeProtocol::openmetrics_1_0_0,
                       ScrapeProtocol::openmetrics_0_0_1,
                       ScrapeProtocol::text_1_0_0,
                       ScrapeProtocol::text_0_0_4};
    if (global.validation == NameValidation::unset) global.validation = NameValidation::utf8;
    const bool legacy = global.validation == NameValidation::legacy;
    if (global.escaping == NameEscaping::unset)
        global.escaping = legacy ? NameEscaping::underscores : NameEscaping::allow_utf_8;
    check(global, node, faults);
}

void inherit(ScrapeProtocols& job, const ScrapeProtocols& global, const Node& node, Faults& faults) {
    if (job.list.empty()) job.list = global.list;
    if (job.validation == NameValidation::unset) job.validation = global.validation;
    if (job.escaping == NameEscaping::unset) job.escaping = global.escaping;
    const bool own = node.find("metric_name_validation_scheme") != nullptr ||
                     node.find("metric_name_escaping_scheme") != nullptr;
    if (own) check(job, node, faults);
}

}  // namespace pifleet::forwarder
