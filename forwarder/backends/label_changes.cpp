#include "forwarder/backends/label_changes.hpp"

#include "common/base/utf8.hpp"
#include "forwarder/backends/delta_state.hpp"
#include "forwarder/backends/series_part.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace pifleet::forwarder {

namespace {

std::string_view newrelic_guess(std::string_view name) {
    for (const auto* suffix : {"_bucket", "_count", "_total"})
        if (name.ends_with(suffix)) return "counter";
    return name.ends_with("_sum") ? "summary" : "gauge";
}

}  // namespace

std::string_view newrelic_type(std::string_view name, const FamilyMetadata* family) {
    if (family == nullptr || family->type == metrics::Type::unknown) return {};
    const auto part = series_part(name, family);
    const std::string_view type = part == SeriesPart::sum ? "summary"
                                  : is_cumulative(part)   ? "counter"
                                                          : "gauge";
    return newrelic_guess(name) == type ? std::string_view{} : type;
}

bool fold_labels(LabelBuilder& labels) {
    constexpr std::size_t most_name = 255;
    std::string name;
    std::vector<std::string> folded;
    for (const auto& [label, value] : labels.labels()) {
        if (label == "__name__") name = value;
        if (label == "__name__" || label == "job" || label == "instance") continue;
        folded.push_back(label);
    }
    if (folded.empty()) return false;
    for (const auto& label : folded) {
        name.append(".").append(label).append(".").append(labels.get(label));
        labels.set(label, "");
    }
    std::replace(name.begin(), name.end(), '/', '_');  // it separates what an address of Gnocchi consists of
    if (name.size() > most_name) {                     // its database has a column of that width
        auto hash = std::to_string(stable_hash(name));
        name = std::string(utf8_prefix(name, most_name - hash.size() - 1)).append(".").append(hash);
    }
    labels.set("__name__", name);
    return true;
}

}  // namespace pifleet::forwarder
