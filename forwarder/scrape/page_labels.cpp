#include "forwarder/scrape/page_labels.hpp"

#include "common/base/utf8.hpp"
#include "common/metrics/parser.hpp"
#include "forwarder/series/names.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace pifleet::forwarder {

namespace {

// Of a page anything may come.
std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 100;
    return printable(text, most);
}

using PageLabelList = std::vector<metrics::OwnedLabel>;

// An honored label that is empty on the page keeps the target's away, too: that is how a page says that it
// wants none.
bool stands_empty(const PageLabelList& page, std::string_view name) {
    return std::any_of(page.begin(), page.end(), [name](const auto& label) { return label.name == name; });
}

void add_target_labels(LabelBuilder& labels, const PageLabelList& page, const PageLabels& rules) {
    for (const auto& [name, value] : rules.added) {
        if (!labels.has(name)) {
            if (rules.honor && stands_empty(page, name)) continue;
            labels.set(name, value);
        } else if (!rules.honor) {
            std::string other = "exported_" + name;
            while (labels.has(other)) other = "exported_" + other;
            labels.set(other, std::string(labels.get(name)));
            labels.set(name, value);
        }
    }
}

Result<void> check_limits(const LabelPairs& labels, const PageLabels& rules) {
    const auto over = [](std::size_t size, std::size_t most) { return most > 0 && size > most; };
    if (over(labels.size(), rules.most_labels))
        return failure(std::to_string(labels.size()) + " labels, more than " +
                       std::to_string(rules.most_labels) + " (label_limit)");
    for (const auto& [name, value] : labels) {
        if (over(name.size(), rules.most_name))
            return failure("the label name '" + excerpt(name) + "' is longer than " +
                           std::to_string(rules.most_name) + " bytes (label_name_length_limit)");
        if (over(value.size(), rules.most_value))
            return failure("the value of the label '" + excerpt(name) + "' is longer than " +
                           std::to_string(rules.most_value) + " bytes (label_value_length_limit)");
    }
    return {};
}

// After the rules, which may mend a name, as in Prometheus.
Result<void> check_names(const LabelPairs& labels) {
    const auto refuse = [](std::string_view what, std::string_view name) {
        return failure("the " + std::string(what) + " '" + excerpt(name) +
                       "' is not allowed by metric_name_validation_scheme legacy");
    };
    for (const auto& [name, value] : labels) {
        if (!legacy_label_name(name)) return refuse("label name", name);
        if (name == "__name__" && !legacy_metric_name(value)) return refuse("metric name", value);
    }
    return {};
}

}  // namespace

Result<std::optional<LabelPairs>> final_labels(std::string_view text, const PageLabels& rules) {
    auto parsed = metrics::parse_series(text);
    if (!parsed) return failure(parsed.error().message + ": " + excerpt(text));
    LabelBuilder labels;
    for (const auto& [name, value] : *parsed) labels.set(name, value);
    add_target_labels(labels, *parsed, rules);
    if (!rules.relabeler.apply(labels)) return std::optional<LabelPairs>{};
    if (!labels.has("__name__")) return failure("relabeling leaves no metric name: " + excerpt(text));
    if (rules.legacy_names)
        if (const auto allowed = check_names(labels.labels()); !allowed) return allowed.error();
    if (auto within = check_limits(labels.labels(), rules); !within)
        return failure(within.error().message + ": " + excerpt(text));
    return std::optional(labels.labels());
}

}  // namespace pifleet::forwarder
