#include "exporters/k8s_state/custom/metric.hpp"

#include "exporters/k8s_state/custom/values.hpp"

#include <optional>

namespace pifleet::k8s {

namespace {

using Out = std::vector<CustomSample>;

std::optional<double> gauge_value(const CustomEach& each, Json from, bool nil_is_zero) {
    const auto value = each.value_from.get(from);
    if (!value) return nil_is_zero ? std::optional<double>(0) : std::nullopt;
    return number_of(value);
}

// A value for each member, but where `valueFrom` is itself one of them: then that one is it.
void add_gauge_members(const CustomEach& each, Json object, Out& out) {
    const auto only = each.value_from.only();
    const bool is_member = !only.empty() && object[only];
    for (const auto& [key, member] : shown_members(object)) {
        const auto value = is_member && key == only
                               ? number_of(member)
                               : gauge_value(each, member, each.nil_is_zero && !is_member);
        if (!value) continue;
        CustomSample sample{{}, *value};
        if (!key.empty() && !each.label_from_key.empty()) sample.labels[each.label_from_key] = key;
        each.labels.read(member, sample.labels);
        each.labels.read(object, sample.labels);
        out.push_back(std::move(sample));
    }
}

void add_gauge(const CustomEach& each, Json from, Out& out) {
    const auto value = gauge_value(each, from, each.nil_is_zero);
    if (!value) return;
    CustomSample sample{{}, *value};
    each.labels.read(from, sample.labels);
    out.push_back(std::move(sample));
}

void add_gauges(const CustomEach& each, Json from, Out& out) {
    if (from.is_object()) return add_gauge_members(each, from, out);
    if (!from.is_list()) return add_gauge(each, from, out);
    for (const Json item : from.items()) add_gauge(each, item, out);
}

// An info without any label tells nothing.
void add_info(const CustomEach& each, Json from, Out& out, std::string_view key = {}) {
    CustomSample sample{{}, 1};
    if (!key.empty() && !each.label_from_key.empty()) sample.labels[each.label_from_key] = key;
    each.labels.read(from, sample.labels);
    if (!sample.labels.empty()) out.push_back(std::move(sample));
}

void add_infos(const CustomEach& each, Json from, Out& out) {
    if (from.is_list()) {
        for (const Json item : from.items()) add_info(each, item, out);
        return;
    }
    if (from) add_info(each, from, out);
    for (const auto& [key, member] : shown_members(from)) add_info(each, member, out, key);
}

void add_states(const CustomEach& each, Json from, Out& out) {
    const auto value = each.value_from.get(from);
    if (!value.is_text()) return;
    for (const auto& state : each.states) {
        CustomSample sample{{{each.label_name, state}}, value.text() == state ? 1.0 : 0.0};
        each.labels.read(from, sample.labels);
        out.push_back(std::move(sample));
    }
}

void add_state_sets(const CustomEach& each, Json from, Out& out) {
    if (!from.is_list()) return add_states(each, from, out);
    for (const Json item : from.items()) add_states(each, item, out);
}

}  // namespace

void CustomMetric::read(Json object, Out& out) const {
    const auto first = out.size();
    const auto from = each.path.get(object);
    if (each.type == metrics::Type::gauge) add_gauges(each, from, out);
    if (each.type == metrics::Type::info) add_infos(each, from, out);
    if (each.type == metrics::Type::state_set) add_state_sets(each, from, out);
    if (out.size() == first) return;
    LabelTexts base = common;
    labels.read(object, base);
    for (auto i = first; i < out.size(); ++i) out[i].labels.insert(base.begin(), base.end());
}

}  // namespace pifleet::k8s
