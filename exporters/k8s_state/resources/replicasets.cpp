// Replica sets: the pods of one template of a deployment.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "replicaset"};

constexpr FamilyRow families[] = {
    {"kube_replicaset_created",
     Type::gauge,
     "When the replica set was created, in seconds since 1970.",
     render_created},
    {"kube_replicaset_status_replicas", Type::gauge, "Pods of the replica set.", status_count<"replicas">},
    {"kube_replicaset_status_fully_labeled_replicas",
     Type::gauge,
     "Pods of the replica set that have all labels of its template.",
     status_count<"fullyLabeledReplicas">},
    {"kube_replicaset_status_ready_replicas",
     Type::gauge,
     "Pods of the replica set that are ready.",
     status_count<"readyReplicas">},
    {"kube_replicaset_status_terminating_replicas",
     Type::gauge,
     "Pods of the replica set that are being ended.",
     status_number<"terminatingReplicas">},
    {"kube_replicaset_status_observed_generation",
     Type::gauge,
     "The last wanted state that the controller has looked at.",
     status_count<"observedGeneration">},
    {"kube_replicaset_spec_replicas",
     Type::gauge,
     "Pods that the replica set should have.",
     spec_number<"replicas">},
    {"kube_replicaset_metadata_generation",
     Type::gauge,
     "Number of the replica set's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_replicaset_owner", Type::gauge, "What the replica set belongs to.", render_owner},
    {"kube_replicaset_annotations",
     Type::gauge,
     "Annotations of a replica set that may be shown.",
     render_annotations},
    {"kube_replicaset_labels", Type::gauge, "Labels of a replica set that may be shown.", render_labels},
};

}  // namespace

extern const ResourceKind replicasets_kind;
constinit const ResourceKind replicasets_kind{"replicasets", "/apis/apps/v1", true, true, identity, families};

}  // namespace pifleet::k8s
