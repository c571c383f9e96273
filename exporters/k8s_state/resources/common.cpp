#include "exporters/k8s_state/resources/common.hpp"

#include "common/base/text.hpp"
#include "exporters/k8s_state/allow_list.hpp"
#include "exporters/k8s_state/resources/label_names.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace pifleet::k8s {

void add_time(Samples& out, Json timestamp) {
    if (const auto seconds = unix_seconds(timestamp.text())) out.add(*seconds);
}

void add_number(Samples& out, Json number) {
    if (const auto value = number.number()) out.add(*value);
}

void add_map(
    Samples& out, std::string_view prefix, Json map, const LabelAllowList& allowed, metrics::Labels before) {
    std::vector<std::pair<std::string_view, std::string_view>> entries;
    for (const auto& [key, value] : map.members())
        if (value.is_text() && allowed.allows(key)) entries.emplace_back(key, value.text());
    std::sort(entries.begin(), entries.end());
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(label_name(prefix, entry.first));
    tell_apart(names);
    std::vector<metrics::Label> labels(before.begin(), before.end());
    for (std::size_t i = 0; i < entries.size(); ++i) labels.push_back({names[i], entries[i].second});
    out.add(labels, 1);
}

void render_labels(const Object& object, Samples& out) {
    if (!object.labels->empty()) add_map(out, "label", object.metadata["labels"], *object.labels);
}

void render_annotations(const Object& object, Samples& out) {
    if (!object.annotations->empty())
        add_map(out, "annotation", object.metadata["annotations"], *object.annotations);
}

void render_created(const Object& object, Samples& out) {
    add_time(out, object.metadata["creationTimestamp"]);
}

void render_deletion_timestamp(const Object& object, Samples& out) {
    add_time(out, object.metadata["deletionTimestamp"]);
}

// The API calls it opaque; it is a number all the same.
void render_resource_version(const Object& object, Samples& out) {
    if (const auto version = to_double(object.metadata["resourceVersion"].text())) out.add(*version);
}

void render_generation(const Object& object, Samples& out) {
    out.add(object.metadata["generation"].number().value_or(0));
}

void render_owner(const Object& object, Samples& out) {
    const auto owners = object.metadata["ownerReferences"];
    if (owners.size() == 0)
        return out.add({{"owner_kind", ""}, {"owner_name", ""}, {"owner_is_controller", ""}}, 1);
    for (const Json owner : owners.items())
        out.add({{"owner_kind", owner["kind"].text()},
                 {"owner_name", owner["name"].text()},
                 {"owner_is_controller", owner["controller"].is_true() ? "true" : "false"}},
                1);
}

void render_one(const Object&, Samples& out) {
    out.add(1);
}

void add_condition(Samples& out, metrics::Labels labels, std::string_view status) {
    std::vector<metrics::Label> all(labels.begin(), labels.end());
    all.push_back({"status", {}});
    for (const auto& [name, spelt] :
         {std::pair("true", "True"), {"false", "False"}, {"unknown", "Unknown"}}) {
        all.back().value = name;
        out.add(all, status == spelt ? 1 : 0);
    }
}

}  // namespace pifleet::k8s
