#include "forwarder/scrape/page_labels.hpp"

#include <algorithm>
#include <utility>

namespace pifleet::forwarder {

namespace {

using metrics::OwnedLabel;

std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 100;
    return std::string(text.substr(0, most)) + (text.size() > most ? "…" : "");
}

void add_target_labels(std::vector<OwnedLabel>& labels, const PageLabels& rules) {
    const auto has = [&labels](std::string_view name) {
        return std::find_if(
            labels.begin(), labels.end(), [name](const auto& label) { return label.name == name; });
    };
    for (const auto& [name, value] : rules.added) {
        const auto clash = has(name);
        if (clash == labels.end()) {
            labels.push_back({name, value});
        } else if (!rules.honor) {
            std::string other = "exported_" + name;
            while (has(other) != labels.end()) other = "exported_" + other;
            auto kept = std::exchange(clash->value, value);
            labels.push_back({std::move(other), std::move(kept)});
        }
    }
}

Result<void> check_limits(const std::vector<OwnedLabel>& labels, const PageLabels& rules) {
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

}  // namespace

Result<std::optional<std::vector<OwnedLabel>>> final_labels(std::string_view text, const PageLabels& rules) {
    auto parsed = metrics::parse_series(text);
    if (!parsed) return failure(parsed.error().message + ": " + excerpt(text));
    auto& labels = *parsed;
    const auto drop_empty = [&labels] {
        std::erase_if(labels, [](const auto& label) { return label.value.empty(); });
    };
    drop_empty();
    add_target_labels(labels, rules);
    if (rules.rewrite) {
        if (!rules.rewrite(labels)) return std::optional<std::vector<OwnedLabel>>{};
        drop_empty();
        const auto is_name = [](const auto& label) { return label.name == "__name__"; };
        if (std::none_of(labels.begin(), labels.end(), is_name))
            return failure("relabeling leaves no metric name: " + excerpt(text));
    }
    if (auto within = check_limits(labels, rules); !within)
        return failure(within.error().message + ": " + excerpt(text));
    std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return std::optional(std::move(labels));
}

}  // namespace pifleet::forwarder
