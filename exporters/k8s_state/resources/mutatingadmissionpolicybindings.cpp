// Bindings of mutating admission policies: where each policy holds and with which parameter.
#include "exporters/k8s_state/resources/admission.hpp"
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "mutatingadmissionpolicybinding"};

constexpr FamilyRow families[] = {
    {"kube_mutatingadmissionpolicybinding_info",
     Type::gauge,
     "1 for every binding of a mutating admission policy, with the policy and its parameter.",
     render_policy_binding},
    {"kube_mutatingadmissionpolicybinding_created",
     Type::gauge,
     "When the mutating admission policy binding was created, in seconds since 1970.",
     render_created},
};

}  // namespace

extern const ResourceKind mutatingadmissionpolicybindings_kind;
constinit const ResourceKind mutatingadmissionpolicybindings_kind{"mutatingadmissionpolicybindings",
                                                                  "/apis/admissionregistration.k8s.io/v1",
                                                                  false,
                                                                  true,
                                                                  identity,
                                                                  families};

}  // namespace pifleet::k8s
