// Horizontal pod autoscalers: what they scale, by which metrics, and how far they have come.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "horizontalpodautoscaler"};

void info(const Object& object, Samples& out) {
    const auto target = object.spec["scaleTargetRef"];
    const metrics::Label labels[] = {{"scaletargetref_api_version", target["apiVersion"].text()},
                                     {"scaletargetref_kind", target["kind"].text()},
                                     {"scaletargetref_name", target["name"].text()}};
    out.add(metrics::Labels(labels).subspan(labels[0].value.empty() ? 1 : 0), 1);
}

void min_replicas(const Object& object, Samples& out) {
    const auto least = object.spec["minReplicas"];
    least ? add_number(out, least) : out.add(1);
}

template <Field direction>
void tolerance(const Object& object, Samples& out) {
    if (const auto ratio = quantity(object.spec["behavior"][direction]["tolerance"])) out.add(*ratio);
}

// Where a metric's name and numbers stand, by its type.
struct Source {
    std::string_view type, field;
    bool named_inside;  // its name is that of its "metric"
};
constexpr Source sources[] = {{"Object", "object", true},
                              {"Pods", "pods", true},
                              {"Resource", "resource", false},
                              {"ContainerResource", "containerResource", false},
                              {"External", "external", true}};

void add_values(Samples& out, Json metric, const Source& source, std::string_view numbers) {
    const auto details = metric[source.field], values = details[numbers];
    const auto name = (source.named_inside ? details["metric"] : details)["name"].text();
    const auto add = [&](std::string_view type, std::optional<double> value) {
        if (value)
            out.add({{"metric_name", name},
                     {"metric_target_type", type},
                     {"container", details["container"].text()}},
                    *value);
    };
    add("value", milli_quantity(values["value"]));
    add("average", milli_quantity(values["averageValue"]));
    add("utilization", values["averageUtilization"].number());
}

void add_metrics(Samples& out, Json list, std::string_view numbers) {
    for (const Json metric : list.items())
        for (const auto& source : sources)
            if (metric["type"].text() == source.type) add_values(out, metric, source, numbers);
}

void spec_metrics(const Object& object, Samples& out) {
    add_metrics(out, object.spec["metrics"], "target");
}

void status_metrics(const Object& object, Samples& out) {
    add_metrics(out, object.status["currentMetrics"], "current");
}

constexpr FamilyRow families[] = {
    {"kube_horizontalpodautoscaler_info", Type::gauge, "What the autoscaler scales.", info},
    {"kube_horizontalpodautoscaler_metadata_generation",
     Type::gauge,
     "Number of the horizontal pod autoscaler's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_horizontalpodautoscaler_spec_max_replicas",
     Type::gauge,
     "Replicas that the autoscaler may go up to.",
     spec_count<"maxReplicas">},
    {"kube_horizontalpodautoscaler_spec_min_replicas",
     Type::gauge,
     "Replicas that the autoscaler may go down to.",
     min_replicas},
    {"kube_horizontalpodautoscaler_spec_target_metric",
     Type::gauge,
     "What the autoscaler wants a metric to be.",
     spec_metrics},
    {"kube_horizontalpodautoscaler_spec_behavior_scale_down_tolerance",
     Type::gauge,
     "How far below its target a metric may be before replicas are taken away, as a ratio.",
     tolerance<"scaleDown">},
    {"kube_horizontalpodautoscaler_spec_behavior_scale_up_tolerance",
     Type::gauge,
     "How far above its target a metric may be before replicas are added, as a ratio.",
     tolerance<"scaleUp">},
    {"kube_horizontalpodautoscaler_status_target_metric",
     Type::gauge,
     "What the autoscaler last found a metric to be.",
     status_metrics},
    {"kube_horizontalpodautoscaler_status_current_replicas",
     Type::gauge,
     "Replicas that the autoscaler last found.",
     status_count<"currentReplicas">},
    {"kube_horizontalpodautoscaler_status_desired_replicas",
     Type::gauge,
     "Replicas that the autoscaler wants.",
     status_count<"desiredReplicas">},
    {"kube_horizontalpodautoscaler_annotations",
     Type::gauge,
     "Annotations of a horizontal pod autoscaler that may be shown.",
     render_annotations},
    {"kube_horizontalpodautoscaler_labels",
     Type::gauge,
     "Labels of a horizontal pod autoscaler that may be shown.",
     render_labels},
    {"kube_horizontalpodautoscaler_status_condition",
     Type::gauge,
     "Which status a condition of the autoscaler has.",
     status_conditions},
    {"kube_horizontalpodautoscaler_created",
     Type::gauge,
     "When the horizontal pod autoscaler was created, in seconds since 1970.",
     render_created},
    {"kube_horizontalpodautoscaler_deletion_timestamp",
     Type::gauge,
     "When the horizontal pod autoscaler was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
};

}  // namespace

extern const ResourceKind horizontalpodautoscalers_kind;
constinit const ResourceKind horizontalpodautoscalers_kind{
    "horizontalpodautoscalers", "/apis/autoscaling/v2", true, true, identity, families};

}  // namespace pifleet::k8s
