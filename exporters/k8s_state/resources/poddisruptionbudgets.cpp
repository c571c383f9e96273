// Budgets of disruptions: how many pods may be evicted now.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "poddisruptionbudget"};

// What the API leaves out is 0.
void render_current_healthy(const Object& object, Samples& out) {
    out.add(object.status["currentHealthy"].number().value_or(0));
}

void render_desired_healthy(const Object& object, Samples& out) {
    out.add(object.status["desiredHealthy"].number().value_or(0));
}

void render_pod_disruptions_allowed(const Object& object, Samples& out) {
    out.add(object.status["disruptionsAllowed"].number().value_or(0));
}

void render_expected_pods(const Object& object, Samples& out) {
    out.add(object.status["expectedPods"].number().value_or(0));
}

void render_observed_generation(const Object& object, Samples& out) {
    out.add(object.status["observedGeneration"].number().value_or(0));
}

constexpr FamilyRow families[] = {
    {"kube_poddisruptionbudget_annotations",
     Type::gauge,
     "Annotations of a pod disruption budget that may be shown.",
     render_annotations},
    {"kube_poddisruptionbudget_labels",
     Type::gauge,
     "Labels of a pod disruption budget that may be shown.",
     render_labels},
    {"kube_poddisruptionbudget_created",
     Type::gauge,
     "When the pod disruption budget was created, in seconds since 1970.",
     render_created},
    {"kube_poddisruptionbudget_status_current_healthy",
     Type::gauge,
     "How many of the pods are healthy.",
     render_current_healthy},
    {"kube_poddisruptionbudget_status_desired_healthy",
     Type::gauge,
     "How many of the pods must stay healthy.",
     render_desired_healthy},
    {"kube_poddisruptionbudget_status_pod_disruptions_allowed",
     Type::gauge,
     "How many pods may be evicted now.",
     render_pod_disruptions_allowed},
    {"kube_poddisruptionbudget_status_expected_pods",
     Type::gauge,
     "How many pods the budget counts.",
     render_expected_pods},
    {"kube_poddisruptionbudget_status_observed_generation",
     Type::gauge,
     "Generation of the budget that the status belongs to.",
     render_observed_generation},
    {"kube_poddisruptionbudget_deletion_timestamp",
     Type::gauge,
     "When the deletion of the pod disruption budget was asked for, in seconds since 1970.",
     render_deletion_timestamp},
};

}  // namespace

extern const ResourceKind poddisruptionbudgets_kind;
constinit const ResourceKind poddisruptionbudgets_kind{
    "poddisruptionbudgets", "/apis/policy/v1", true, true, identity, families};

}  // namespace pifleet::k8s
