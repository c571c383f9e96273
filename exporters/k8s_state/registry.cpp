#include "exporters/k8s_state/registry.hpp"

namespace pifleet::k8s {

extern const ResourceKind certificatesigningrequests_kind;
extern const ResourceKind clusterrolebindings_kind;
extern const ResourceKind clusterroles_kind;
extern const ResourceKind configmaps_kind;
extern const ResourceKind cronjobs_kind;
extern const ResourceKind daemonsets_kind;
extern const ResourceKind deployments_kind;
extern const ResourceKind endpoints_kind;
extern const ResourceKind endpointslices_kind;
extern const ResourceKind horizontalpodautoscalers_kind;
extern const ResourceKind ingressclasses_kind;
extern const ResourceKind ingresses_kind;
extern const ResourceKind jobs_kind;
extern const ResourceKind leases_kind;
extern const ResourceKind limitranges_kind;
extern const ResourceKind mutatingadmissionpolicies_kind;
extern const ResourceKind mutatingadmissionpolicybindings_kind;
extern const ResourceKind mutatingwebhookconfigurations_kind;
extern const ResourceKind namespaces_kind;
extern const ResourceKind networkpolicies_kind;
extern const ResourceKind nodes_kind;
extern const ResourceKind persistentvolumeclaims_kind;
extern const ResourceKind persistentvolumes_kind;
extern const ResourceKind poddisruptionbudgets_kind;
extern const ResourceKind pods_kind;
extern const ResourceKind replicasets_kind;
extern const ResourceKind replicationcontrollers_kind;
extern const ResourceKind resourcequotas_kind;
extern const ResourceKind rolebindings_kind;
extern const ResourceKind roles_kind;
extern const ResourceKind secrets_kind;
extern const ResourceKind serviceaccounts_kind;
extern const ResourceKind services_kind;
extern const ResourceKind statefulsets_kind;
extern const ResourceKind storageclasses_kind;
extern const ResourceKind validatingadmissionpolicies_kind;
extern const ResourceKind validatingadmissionpolicybindings_kind;
extern const ResourceKind validatingwebhookconfigurations_kind;
extern const ResourceKind volumeattachments_kind;

namespace {

constinit const ResourceKind* const kinds[] = {
    &certificatesigningrequests_kind,
    &clusterrolebindings_kind,
    &clusterroles_kind,
    &configmaps_kind,
    &cronjobs_kind,
    &daemonsets_kind,
    &deployments_kind,
    &endpoints_kind,
    &endpointslices_kind,
    &horizontalpodautoscalers_kind,
    &ingressclasses_kind,
    &ingresses_kind,
    &jobs_kind,
    &leases_kind,
    &limitranges_kind,
    &mutatingadmissionpolicies_kind,
    &mutatingadmissionpolicybindings_kind,
    &mutatingwebhookconfigurations_kind,
    &namespaces_kind,
    &networkpolicies_kind,
    &nodes_kind,
    &persistentvolumeclaims_kind,
    &persistentvolumes_kind,
    &poddisruptionbudgets_kind,
    &pods_kind,
    &replicasets_kind,
    &replicationcontrollers_kind,
    &resourcequotas_kind,
    &rolebindings_kind,
    &roles_kind,
    &secrets_kind,
    &serviceaccounts_kind,
    &services_kind,
    &statefulsets_kind,
    &storageclasses_kind,
    &validatingadmissionpolicies_kind,
    &validatingadmissionpolicybindings_kind,
    &validatingwebhookconfigurations_kind,
    &volumeattachments_kind,
};

}  // namespace

std::span<const ResourceKind* const> registry() {
    return kinds;
}

const ResourceKind* find_kind(std::string_view name) {
    for (const auto* kind : kinds)
        if (kind->name == name) return kind;
    return nullptr;
}

}  // namespace pifleet::k8s
