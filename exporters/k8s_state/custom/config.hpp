// The file of --custom-resource-state-config-file, in the format of kube-state-metrics: which custom
// resources are watched and which of their members become metrics.
#pragma once

#include "common/config/tree.hpp"
#include "exporters/k8s_state/custom/metric.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

struct CustomMetricConfig {
    config::Place place;
    std::string name;  // without the resource's prefix
    std::string help;
    CustomMetric metric;  // its own labels only
};

struct CustomResourceConfig {
    config::Place place;
    std::string group, version, kind;  // version and kind may be "*"
    std::string plural;                // resourcePlural; empty: any
    std::string prefix = "kube_customresource";
    LabelTexts common;
    LabelPaths labels;
    std::vector<CustomMetricConfig> metrics;

    std::string full_name(const CustomMetricConfig& metric) const {
        return prefix.empty() ? metric.name : prefix + '_' + metric.name;
    }
};

/// Nothing when there are faults.
std::optional<std::vector<CustomResourceConfig>> parse_custom_config(std::string_view text,
                                                                     config::Faults& faults);

}  // namespace pifleet::k8s
