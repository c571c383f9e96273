// Stateful sets: their replicas, the revisions these are of, and what becomes of their volumes.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "statefulset"};

void ordinals_start(const Object& object, Samples& out) {
    const auto ordinals = object.spec["ordinals"];
    if (ordinals.is_object()) add_count(out, ordinals["start"]);
}

void retention_policy(const Object& object, Samples& out) {
    const auto policy = object.spec["persistentVolumeClaimRetentionPolicy"];
    const auto deleted = policy["whenDeleted"].text(), scaled = policy["whenScaled"].text();
    if (!deleted.empty() || !scaled.empty()) out.add({{"when_deleted", deleted}, {"when_scaled", scaled}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_statefulset_created",
     Type::gauge,
     "When the stateful set was created, in seconds since 1970.",
     render_created},
    {"kube_statefulset_status_replicas", Type::gauge, "Pods of the stateful set.", status_count<"replicas">},
    {"kube_statefulset_status_replicas_available",
     Type::gauge,
     "Pods of the stateful set that have been ready for long enough.",
     status_count<"availableReplicas">},
    {"kube_statefulset_status_replicas_current",
     Type::gauge,
     "Pods of the stateful set that are of its current revision.",
     status_count<"currentReplicas">},
    {"kube_statefulset_status_replicas_ready",
     Type::gauge,
     "Pods of the stateful set that are ready.",
     status_count<"readyReplicas">},
    {"kube_statefulset_status_replicas_updated",
     Type::gauge,
     "Pods of the stateful set that are of its newest revision.",
     status_count<"updatedReplicas">},
    {"kube_statefulset_status_observed_generation",
     Type::gauge,
     "The last wanted state that the controller has looked at.",
     status_count<"observedGeneration">},
    {"kube_statefulset_replicas",
     Type::gauge,
     "Pods that the stateful set should have.",
     spec_number<"replicas">},
    {"kube_statefulset_ordinals_start",
     Type::gauge,
     "Number of the first pod of the stateful set.",
     ordinals_start},
    {"kube_statefulset_metadata_generation",
     Type::gauge,
     "Number of the stateful set's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_statefulset_persistentvolumeclaim_retention_policy",
     Type::gauge,
     "What becomes of the volume claims when the stateful set is deleted or made smaller.",
     retention_policy},
    {"kube_statefulset_annotations",
     Type::gauge,
     "Annotations of a stateful set that may be shown.",
     render_annotations},
    {"kube_statefulset_labels", Type::gauge, "Labels of a stateful set that may be shown.", render_labels},
    {"kube_statefulset_status_current_revision",
     Type::gauge,
     "The revision that the stateful set is coming from.",
     status_text<"revision", "currentRevision">},
    {"kube_statefulset_status_update_revision",
     Type::gauge,
     "The revision that the stateful set is going to.",
     status_text<"revision", "updateRevision">},
    {"kube_statefulset_deletion_timestamp",
     Type::gauge,
     "When the stateful set was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
};

}  // namespace

extern const ResourceKind statefulsets_kind;
constinit const ResourceKind statefulsets_kind{
    "statefulsets", "/apis/apps/v1", true, true, identity, families};

}  // namespace pifleet::k8s
