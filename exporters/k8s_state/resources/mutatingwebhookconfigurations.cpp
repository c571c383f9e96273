// Mutating webhooks: which services the API server asks.
#include "exporters/k8s_state/resources/admission.hpp"
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "mutatingwebhookconfiguration"};

constexpr FamilyRow families[] = {
    {"kube_mutatingwebhookconfiguration_info",
     Type::gauge,
     "1 for every mutating webhook configuration.",
     render_one},
    {"kube_mutatingwebhookconfiguration_created",
     Type::gauge,
     "When the mutating webhook configuration was created, in seconds since 1970.",
     render_created},
    {"kube_mutatingwebhookconfiguration_metadata_resource_version",
     Type::gauge,
     "Version of the mutating webhook configuration: it changes with every write.",
     render_resource_version},
    {"kube_mutatingwebhookconfiguration_webhook_clientconfig_service",
     Type::gauge,
     "1 for every webhook, with the service that is asked; empty when it is asked by URL.",
     render_webhook_services},
};

}  // namespace

extern const ResourceKind mutatingwebhookconfigurations_kind;
constinit const ResourceKind mutatingwebhookconfigurations_kind{"mutatingwebhookconfigurations",
                                                                "/apis/admissionregistration.k8s.io/v1",
                                                                false,
                                                                true,
                                                                identity,
                                                                families};

}  // namespace pifleet::k8s
