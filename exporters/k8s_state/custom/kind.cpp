#include "exporters/k8s_state/custom/kind.hpp"

#include <algorithm>

namespace pifleet::k8s {

namespace {

bool matches(const CustomResourceConfig& config, const ApiResource& resource) {
    const auto fits = [](const std::string& pattern, const std::string& text) {
        return pattern == "*" || pattern == text;
    };
    const bool secrets = resource.group.empty() && resource.plural == "secrets";  // never read whole
    return !secrets && config.group == resource.group && fits(config.version, resource.version) &&
           fits(config.kind, resource.kind) && (config.plural.empty() || config.plural == resource.plural);
}

void add_sample(const CustomSample& sample, Samples& out) {
    std::vector<metrics::Label> labels;
    for (const auto& [name, value] : sample.labels) labels.push_back({name, value});
    out.add_bare(labels, sample.value);
}

// In the order of the labels; series that come twice would spoil the page, so the first of them stays.
void render_custom(const Object& object, Samples& out) {
    std::vector<CustomSample> samples;
    for (const auto& metric : object.family->custom->metrics) metric.read(object.root, samples);
    std::stable_sort(samples.begin(), samples.end());
    const CustomSample* before = nullptr;
    for (const auto& sample : samples) {
        if (before == nullptr || before->labels != sample.labels) add_sample(sample, out);
        before = &sample;
    }
}

}  // namespace

CustomKind::CustomKind(const ApiResource& resource)
    : resource_(resource),
      path_(group_path(resource.group, resource.version)),
      kind_{resource_.plural, path_, resource_.namespaced, true, {}, {}} {}

CustomFamily& CustomKind::family(const std::string& name, const CustomMetricConfig& metric) {
    for (const auto& known : families_)
        if (known->name == name) return *known;
    auto& fresh =
        *families_.emplace_back(std::make_unique<CustomFamily>(CustomFamily{name, metric.help, {}}));
    rows_.push_back({fresh.name, metric.metric.each.type, fresh.help, render_custom, false, &fresh});
    kind_.families = rows_;
    return fresh;
}

void CustomKind::add(const CustomResourceConfig& config) {
    for (const auto& metric : config.metrics) {
        CustomMetric whole = metric.metric;
        whole.common.insert(config.common.begin(), config.common.end());  // the metric's own stay
        whole.common.insert_or_assign("customresource_group", resource_.group);
        whole.common.insert_or_assign("customresource_version", resource_.version);
        whole.common.insert_or_assign("customresource_kind", resource_.kind);
        whole.labels = config.labels;
        whole.labels.add_all(metric.metric.labels);
        family(config.full_name(metric), metric).metrics.push_back(std::move(whole));
    }
}

CustomKinds make_custom_kinds(std::span<const CustomResourceConfig> configs,
                              std::span<const ApiResource> server) {
    CustomKinds out;
    const auto kind_of = [&](const ApiResource& resource) -> CustomKind& {
        for (const auto& known : out.kinds)
            if (known->resource() == resource) return *known;
        return *out.kinds.emplace_back(std::make_unique<CustomKind>(resource));
    };
    for (const auto& config : configs) {
        bool any = false;
        for (const auto& resource : server) {
            if (!matches(config, resource)) continue;
            any = true;
            kind_of(resource).add(config);
        }
        if (!any) out.missing.push_back(config.kind + " of " + config.group + "/" + config.version);
    }
    return out;
}

}  // namespace pifleet::k8s
