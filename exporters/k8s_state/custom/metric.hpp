// One metric of the configuration of custom resources: what samples an object has of it.
#pragma once

#include "common/metrics/model.hpp"
#include "exporters/k8s_state/custom/labels.hpp"
#include "exporters/k8s_state/custom/path.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pifleet::k8s {

struct CustomSample {
    LabelTexts labels;
    double value = 0;
    friend bool operator<(const CustomSample& a, const CustomSample& b) { return a.labels < b.labels; }
};

/// `each`: gauge, stateSet and info have more in common than not.
struct CustomEach {
    metrics::Type type = metrics::Type::unknown;
    Path path;  // a sample for every item of a list and every member of an object
    LabelPaths labels;
    Path value_from;             // of a gauge and a state set
    std::string label_from_key;  // of a gauge and an info: the member's name
    bool nil_is_zero = false;    // of a gauge
    std::string label_name;      // of a state set: for the states
    std::vector<std::string> states;
};

struct CustomMetric {
    CustomEach each;
    LabelTexts common;
    LabelPaths labels;  // from the object as a whole

    /// Adds the object's samples. Whatever does not fit adds nothing.
    void read(Json object, std::vector<CustomSample>& out) const;
};

}  // namespace pifleet::k8s
