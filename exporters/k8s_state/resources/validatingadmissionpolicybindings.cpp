// Bindings of validating admission policies: where each policy holds and with which parameter.
#include "exporters/k8s_state/resources/admission.hpp"
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "validatingadmissionpolicybinding"};

void render_actions(const Object& object, Samples& out) {
    for (const Json action : object.spec["validationActions"].items())
        out.add({{"action", action.text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_validatingadmissionpolicybinding_info",
     Type::gauge,
     "1 for every binding of a validating admission policy, with the policy and its parameter.",
     render_policy_binding},
    {"kube_validatingadmissionpolicybinding_created",
     Type::gauge,
     "When the validating admission policy binding was created, in seconds since 1970.",
     render_created},
    {"kube_validatingadmissionpolicybinding_validation_action",
     Type::gauge,
     "1 for every action that is taken when the policy is not met.",
     render_actions},
};

}  // namespace

extern const ResourceKind validatingadmissionpolicybindings_kind;
constinit const ResourceKind validatingadmissionpolicybindings_kind{"validatingadmissionpolicybindings",
                                                                    "/apis/admissionregistration.k8s.io/v1",
                                                                    false,
                                                                    true,
                                                                    identity,
                                                                    families};

}  // namespace pifleet::k8s
