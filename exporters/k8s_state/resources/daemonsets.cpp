// Daemon sets: on how many nodes their pods should run, and do.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "daemonset"};

constexpr FamilyRow families[] = {
    {"kube_daemonset_created",
     Type::gauge,
     "When the daemon set was created, in seconds since 1970.",
     render_created},
    {"kube_daemonset_status_current_number_scheduled",
     Type::gauge,
     "Nodes that run a pod of the daemon set and should.",
     status_count<"currentNumberScheduled">},
    {"kube_daemonset_status_desired_number_scheduled",
     Type::gauge,
     "Nodes that should run a pod of the daemon set.",
     status_count<"desiredNumberScheduled">},
    {"kube_daemonset_status_number_available",
     Type::gauge,
     "Nodes whose pod of the daemon set has been ready for long enough.",
     status_count<"numberAvailable">},
    {"kube_daemonset_status_number_misscheduled",
     Type::gauge,
     "Nodes that run a pod of the daemon set and should not.",
     status_count<"numberMisscheduled">},
    {"kube_daemonset_status_number_ready",
     Type::gauge,
     "Nodes whose pod of the daemon set is ready.",
     status_count<"numberReady">},
    {"kube_daemonset_status_number_unavailable",
     Type::gauge,
     "Nodes that lack an available pod of the daemon set.",
     status_count<"numberUnavailable">},
    {"kube_daemonset_status_observed_generation",
     Type::gauge,
     "The last wanted state that the controller has looked at.",
     status_count<"observedGeneration">},
    {"kube_daemonset_status_updated_number_scheduled",
     Type::gauge,
     "Nodes whose pod of the daemon set is of its newest template.",
     status_count<"updatedNumberScheduled">},
    {"kube_daemonset_metadata_generation",
     Type::gauge,
     "Number of the daemon set's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_daemonset_deletion_timestamp",
     Type::gauge,
     "When the daemon set was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
    {"kube_daemonset_annotations",
     Type::gauge,
     "Annotations of a daemon set that may be shown.",
     render_annotations},
    {"kube_daemonset_labels", Type::gauge, "Labels of a daemon set that may be shown.", render_labels},
};

}  // namespace

extern const ResourceKind daemonsets_kind;
constinit const ResourceKind daemonsets_kind{"daemonsets", "/apis/apps/v1", true, true, identity, families};

}  // namespace pifleet::k8s
