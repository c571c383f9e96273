// Replication controllers: what replica sets were before deployments.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "replicationcontroller"};

constexpr FamilyRow families[] = {
    {"kube_replicationcontroller_created",
     Type::gauge,
     "When the replication controller was created, in seconds since 1970.",
     render_created},
    {"kube_replicationcontroller_status_replicas",
     Type::gauge,
     "Pods of the replication controller.",
     status_count<"replicas">},
    {"kube_replicationcontroller_status_fully_labeled_replicas",
     Type::gauge,
     "Pods of the replication controller that have all labels of its template.",
     status_count<"fullyLabeledReplicas">},
    {"kube_replicationcontroller_status_ready_replicas",
     Type::gauge,
     "Pods of the replication controller that are ready.",
     status_count<"readyReplicas">},
    {"kube_replicationcontroller_status_available_replicas",
     Type::gauge,
     "Pods of the replication controller that have been ready for long enough.",
     status_count<"availableReplicas">},
    {"kube_replicationcontroller_status_observed_generation",
     Type::gauge,
     "The last wanted state that the controller has looked at.",
     status_count<"observedGeneration">},
    {"kube_replicationcontroller_spec_replicas",
     Type::gauge,
     "Pods that the replication controller should have.",
     spec_number<"replicas">},
    {"kube_replicationcontroller_metadata_generation",
     Type::gauge,
     "Number of the replication controller's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_replicationcontroller_owner",
     Type::gauge,
     "What the replication controller belongs to.",
     render_owner},
};

}  // namespace

extern const ResourceKind replicationcontrollers_kind;
constinit const ResourceKind replicationcontrollers_kind{
    "replicationcontrollers", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
