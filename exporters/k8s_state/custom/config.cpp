#include "exporters/k8s_state/custom/config.hpp"

#include "common/base/text.hpp"
#include "common/config/fields.hpp"
#include "exporters/k8s_state/custom/discovery.hpp"

#include <array>
#include <map>
#include <set>
#include <utility>

namespace pifleet::k8s {

using config::decode;
using config::Faults;
using config::Field;
using config::Node;

namespace {

constexpr std::string_view document_kind = "CustomResourceStateMetrics";

bool is_legal_name(std::string_view name) {
    std::string without_colons(name);
    for (auto& c : without_colons)
        if (c == ':') c = '_';
    return is_legal_label(without_colons);
}

}  // namespace

// Found by argument-dependent lookup, so that config::field takes members of these types.
static void decode(const Node& node, Path& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    for (const auto& item : node.items) {
        std::string step;
        decode(item, step, faults);
        if (const auto added = into.add(step); !added) faults.add(item.place, added.error().message);
    }
}

static void decode(const Node& node, LabelPaths& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_mapping(node, faults)) return;
    for (const auto& [name, value] : node.members) {
        Path path;
        decode(value, path, faults);
        into.add(name.text, std::move(path));
    }
}

namespace {

void decode_label_name(const Node& node, std::string& into, Faults& faults) {
    decode(node, into, faults);
    if (!into.empty() && !is_legal_label(into))
        faults.add(node.place, "'" + into + "' is no name of a label");
}

template <class T>
void read_common(const Node& node, T& into, Faults& faults) {
    std::vector<std::pair<std::string, std::string>> pairs;
    decode(node, pairs, faults);
    if (node.kind == Node::Kind::mapping)
        for (const auto& [key, value] : node.members)
            if (!is_legal_label(key.text)) faults.add(key.place, "'" + key.text + "' is no name of a label");
    into.insert(pairs.begin(), pairs.end());
}

template <class T>
void ignore(const Node&, T&, Faults&) {}

constexpr Field<CustomEach> gauge_rows[] = {
    config::field<&CustomEach::path>("path", "[]", "where the value or values stand"),
    config::field<&CustomEach::value_from>("valueFrom", "[]", "where in each of them the number stands"),
    config::field<&CustomEach::labels>("labelsFromPath", "{}", "labels read from each of them"),
    config::field<&CustomEach::nil_is_zero>("nilIsZero", "false", "0 for a number that is missing"),
    {"labelFromKey",
     "",
     "label for the member's name",
     [](const Node& node, CustomEach& into, Faults& faults) {
         decode_label_name(node, into.label_from_key, faults);
     }},
};

constexpr Field<CustomEach> info_rows[] = {gauge_rows[0], gauge_rows[2], gauge_rows[4]};

constexpr Field<CustomEach> state_set_rows[] = {
    gauge_rows[0],
    gauge_rows[1],
    gauge_rows[2],
    {"labelName",
     "",
     "label for the states",
     [](const Node& node, CustomEach& into, Faults& faults) {
         decode_label_name(node, into.label_name, faults);
     }},
    config::field<&CustomEach::states>("list", "[]", "the states"),
};

struct EachType {
    std::string_view key;
    metrics::Type type;
    std::span<const Field<CustomEach>> rows;
};
constexpr EachType each_types[] = {{"gauge", metrics::Type::gauge, gauge_rows},
                                   {"stateSet", metrics::Type::state_set, state_set_rows},
                                   {"info", metrics::Type::info, info_rows}};

const EachType* each_type(const Node& node, Faults& faults) {
    std::string name;
    decode(node, name, faults);
    for (const auto& type : each_types)
        if (equal_ignoring_case(type.key, name)) return &type;
    constexpr std::string_view known[] = {"Gauge", "StateSet", "Info"};
    faults.add(node.place,
               "expected Gauge, StateSet or Info, not '" + name + "'" + did_you_mean(name, known));
    return nullptr;
}

// `each` has its type and one section of that name; other sections are read for their faults alone.
void read_each(const Node& node, CustomMetricConfig& into, Faults& faults) {
    if (!config::expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        bool known = key.text == "type";
        for (const auto& type : each_types) {
            if (type.key != key.text) continue;
            known = true;
            CustomEach section;
            config::read_mapping(value, type.rows, section, faults);
        }
        constexpr std::string_view keys[] = {"type", "gauge", "stateSet", "info"};
        if (!known) config::unknown_key(key, keys, faults);
    }
    const auto* type_node = node.find("type");
    if (type_node == nullptr) return faults.add(node.place, "expected a type: Gauge, StateSet or Info");
    const auto* type = each_type(*type_node, faults);
    if (type == nullptr) return;
    const auto* section = node.find(type->key);
    if (section == nullptr || section->kind == Node::Kind::null)
        return faults.add(type_node->place,
                          "expected a section '" + std::string(type->key) + "' beside the type");
    Faults said_above("");
    config::read_mapping(*section, type->rows, into.metric.each, said_above);
    into.metric.each.type = type->type;
    if (type->type == metrics::Type::state_set && into.metric.each.label_name.empty())
        faults.add(section->place, "expected a labelName: the label for the states");
}

constexpr Field<CustomMetricConfig> metric_rows[] = {
    config::field<&CustomMetricConfig::name>("name", "", "the family's name behind the prefix"),
    config::field<&CustomMetricConfig::help>("help", "", "the family's help text"),
    {"each", "", "what becomes a sample", read_each},
    {"commonLabels",
     "{}",
     "labels of every sample",
     [](const Node& node, CustomMetricConfig& into, Faults& faults) {
         read_common(node, into.metric.common, faults);
     }},
    {"labelsFromPath",
     "{}",
     "labels read from the object",
     [](const Node& node, CustomMetricConfig& into, Faults& faults) {
         decode(node, into.metric.labels, faults);
     }},
    {"errorLogV", "0", "without effect: what does not fit is left out", nullptr},
};

void read_metric(const Node& node, CustomMetricConfig& into, Faults& faults) {
    into.place = node.place;
    config::read_mapping(node, std::span<const Field<CustomMetricConfig>>(metric_rows), into, faults);
    if (into.name.empty()) faults.add(node.place, "a metric needs a name");
    if (node.find("each") == nullptr) faults.add(node.place, "a metric needs 'each': what becomes a sample");
}

constexpr Field<CustomResourceConfig> gvk_rows[] = {
    config::field<&CustomResourceConfig::group>("group", "", "the API group; empty is the core"),
    config::field<&CustomResourceConfig::version>("version", "", "v1, or * for every version"),
    config::field<&CustomResourceConfig::kind>("kind", "", "Foo, or * for every kind of the group"),
};

void read_gvk(const Node& node, CustomResourceConfig& into, Faults& faults) {
    config::read_mapping(node, std::span<const Field<CustomResourceConfig>>(gvk_rows), into, faults);
    if (into.version.empty()) faults.add(node.place, "expected a version: its name, or \"*\" for every one");
    if (into.kind.empty()) faults.add(node.place, "expected a kind: its name, or \"*\" for every one");
    for (const auto* name : {&into.group, &into.version})
        if (!name->empty() && *name != "*" && !is_api_name(*name))
            faults.add(node.place, "'" + *name + "' is no name of an API group or version");
    if (into.group == "*") faults.add(node.place, "a group is one group: only version and kind may be \"*\"");
    if (into.group.empty() && into.kind == "Secret")
        faults.add(node.place, "secrets are never read whole: see the families of --resources=secrets");
}

void read_metrics(const Node& node, CustomResourceConfig& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    for (const auto& item : node.items) read_metric(item, into.metrics.emplace_back(), faults);
}

constexpr Field<CustomResourceConfig> resource_rows[] = {
    {"groupVersionKind", "", "which resource", read_gvk},
    config::field<&CustomResourceConfig::plural>(
        "resourcePlural", "", "its name in URLs, where a kind has several"),
    config::field<&CustomResourceConfig::prefix>(
        "metricNamePrefix", "kube_customresource", "in front of names"),
    {"commonLabels",
     "{}",
     "labels of every sample",
     [](const Node& node, CustomResourceConfig& into, Faults& faults) {
         read_common(node, into.common, faults);
     }},
    {"labelsFromPath",
     "{}",
     "labels read from the object",
     [](const Node& node, CustomResourceConfig& into, Faults& faults) { decode(node, into.labels, faults); }},
    {"metrics", "[]", "the metrics", read_metrics},
    {"errorLogV", "0", "without effect: what does not fit is left out", nullptr},
};

using Resources = std::vector<CustomResourceConfig>;

void read_resources(const Node& node, Resources& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !config::expect_sequence(node, faults)) return;
    for (const auto& item : node.items) {
        auto& resource = into.emplace_back();
        resource.place = item.place;
        config::read_mapping(
            item, std::span<const Field<CustomResourceConfig>>(resource_rows), resource, faults);
        if (item.find("groupVersionKind") == nullptr)
            faults.add(item.place, "a resource needs 'groupVersionKind'");
    }
}

constexpr Field<Resources> spec_rows[] = {{"resources", "[]", "what is watched", read_resources}};

constexpr Field<Resources> document_rows[] = {
    {"apiVersion", "", "without effect", nullptr},
    {"metadata", "", "without effect", nullptr},
    {"kind",
     document_kind,
     "what the file is",
     [](const Node& node, Resources&, Faults& faults) {
         if (node.text != document_kind)
             faults.add(node.place, "expected " + std::string(document_kind) + ", not '" + node.text + "'");
     }},
    {"spec",
     "",
     "the resources",
     [](const Node& node, Resources& into, Faults& faults) {
         config::read_mapping(node, std::span<const Field<Resources>>(spec_rows), into, faults);
     }},
};

// What only shows beside the others: names are those of families, and a family has one type.
void check_together(const Resources& resources, Faults& faults) {
    std::map<std::string, metrics::Type> types;
    std::set<std::array<std::string, 3>> seen;
    for (const auto& resource : resources) {
        if (!seen.insert({resource.group, resource.version, resource.kind}).second)
            faults.add(resource.place,
                       resource.kind + " of " + resource.group + "/" + resource.version +
                           " stands here twice: put its metrics below one");
        for (const auto& metric : resource.metrics) {
            const auto name = resource.full_name(metric);
            if (!is_legal_name(name)) faults.add(metric.place, "'" + name + "' is no name of a metric");
            const auto [at, fresh] = types.emplace(name, metric.metric.each.type);
            if (!fresh && at->second != metric.metric.each.type)
                faults.add(metric.place, "'" + name + "' has another type above: a family has one");
        }
    }
}

}  // namespace

std::optional<Resources> parse_custom_config(std::string_view text, Faults& faults) {
    const auto tree = config::parse_yaml(text, faults);
    if (!tree) return std::nullopt;
    Resources resources;
    if (tree->kind == Node::Kind::null) faults.add(tree->place, "the file is empty: expected spec.resources");
    config::read_mapping(*tree, std::span<const Field<Resources>>(document_rows), resources, faults);
    if (faults.empty()) check_together(resources, faults);
    return faults.empty() ? std::optional(std::move(resources)) : std::nullopt;
}

}  // namespace pifleet::k8s
