// Deployments: how many replicas there should be and are, and how a roll-out goes about it.
#include "common/base/text.hpp"
#include "exporters/k8s_state/resources/fields.hpp"

#include <algorithm>
#include <cmath>

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "deployment"};

void owner(const Object& object, Samples& out) {
    const auto owners = object.metadata["ownerReferences"];
    if (owners.size() == 0) return out.add({{"owner_kind", ""}, {"owner_name", ""}}, 1);
    for (const Json owner : owners.items())
        out.add({{"owner_kind", owner["kind"].text()}, {"owner_name", owner["name"].text()}}, 1);
}

// Reasons that a deployment's controller gives; of others' there may be any number.
constexpr std::string_view reasons[] = {"",
                                        "ReplicaSetUpdated",
                                        "ReplicaSetCreateError",
                                        "NewReplicaSetCreated",
                                        "FoundNewReplicaSet",
                                        "NewReplicaSetAvailable",
                                        "ProgressDeadlineExceeded",
                                        "DeploymentPaused",
                                        "DeploymentResumed",
                                        "MinimumReplicasAvailable",
                                        "MinimumReplicasUnavailable"};

void conditions(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items()) {
        const auto reason = condition["reason"].text();
        const bool known = std::find(std::begin(reasons), std::end(reasons), reason) != std::end(reasons);
        const metrics::Label labels[] = {{"reason", known ? reason : "unknown"},
                                         {"condition", condition["type"].text()}};
        add_condition(out, labels, condition["status"].text());
    }
}

// A number of pods, or a percentage of those wanted ("25%"), rounded as told.
void share_of_replicas(const Object& object, std::string_view limit, double (*round)(double), Samples& out) {
    const auto value = object.spec["strategy"]["rollingUpdate"][limit];
    if (!value.is_text()) return add_number(out, value);
    auto percentage = value.text();
    const auto replicas = object.spec["replicas"].number();
    if (!replicas || !percentage.ends_with('%')) return;
    percentage.remove_suffix(1);
    if (const auto percent = to_int(percentage))
        out.add(round(static_cast<double>(*percent) * *replicas / 100));
}

void max_unavailable(const Object& object, Samples& out) {
    share_of_replicas(object, "maxUnavailable", std::floor, out);
}

void max_surge(const Object& object, Samples& out) {
    share_of_replicas(object, "maxSurge", std::ceil, out);
}

constexpr FamilyRow families[] = {
    {"kube_deployment_owner", Type::gauge, "What the deployment belongs to.", owner},
    {"kube_deployment_created",
     Type::gauge,
     "When the deployment was created, in seconds since 1970.",
     render_created},
    {"kube_deployment_status_replicas", Type::gauge, "Pods of the deployment.", status_count<"replicas">},
    {"kube_deployment_status_replicas_ready",
     Type::gauge,
     "Pods of the deployment that are ready.",
     status_count<"readyReplicas">},
    {"kube_deployment_status_replicas_available",
     Type::gauge,
     "Pods of the deployment that have been ready for long enough.",
     status_count<"availableReplicas">},
    {"kube_deployment_status_replicas_unavailable",
     Type::gauge,
     "Pods that the deployment lacks or that are not available.",
     status_count<"unavailableReplicas">},
    {"kube_deployment_status_replicas_updated",
     Type::gauge,
     "Pods of the deployment that are of its newest template.",
     status_count<"updatedReplicas">},
    {"kube_deployment_status_terminating_replicas",
     Type::gauge,
     "Pods of the deployment that are being ended.",
     status_number<"terminatingReplicas">},
    {"kube_deployment_status_observed_generation",
     Type::gauge,
     "The last wanted state that the controller has looked at.",
     status_count<"observedGeneration">},
    {"kube_deployment_status_condition",
     Type::gauge,
     "Which status a condition of the deployment has.",
     conditions},
    {"kube_deployment_spec_replicas",
     Type::gauge,
     "Pods that the deployment should have.",
     spec_number<"replicas">},
    {"kube_deployment_spec_paused",
     Type::gauge,
     "1 when changes of the deployment are held back.",
     spec_flag<"paused">},
    {"kube_deployment_spec_strategy_rollingupdate_max_unavailable",
     Type::gauge,
     "Pods that may be missing while the deployment is rolled out.",
     max_unavailable},
    {"kube_deployment_spec_strategy_rollingupdate_max_surge",
     Type::gauge,
     "Pods that there may be in addition while the deployment is rolled out.",
     max_surge},
    {"kube_deployment_metadata_generation",
     Type::gauge,
     "Number of the deployment's wanted state: it grows by each change to it.",
     render_generation},
    {"kube_deployment_deletion_timestamp",
     Type::gauge,
     "When the deployment was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
    {"kube_deployment_annotations",
     Type::gauge,
     "Annotations of a deployment that may be shown.",
     render_annotations},
    {"kube_deployment_labels", Type::gauge, "Labels of a deployment that may be shown.", render_labels},
};

}  // namespace

extern const ResourceKind deployments_kind;
constinit const ResourceKind deployments_kind{"deployments", "/apis/apps/v1", true, true, identity, families};

}  // namespace pifleet::k8s
