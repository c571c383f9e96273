// Validating admission policies: what each takes as its parameter and what happens when it fails.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "validatingadmissionpolicy"};

void render_info(const Object& object, Samples& out) {
    const auto parameter = object.spec["paramKind"];
    out.add({{"param_api_version", parameter["apiVersion"].text()},
             {"param_kind", parameter["kind"].text()},
             {"failure_policy", object.spec["failurePolicy"].text()}},
            1);
}

constexpr FamilyRow families[] = {
    {"kube_validatingadmissionpolicy_info",
     Type::gauge,
     "1 for every validating admission policy, with the kind of its parameter and its policies.",
     render_info},
    {"kube_validatingadmissionpolicy_created",
     Type::gauge,
     "When the validating admission policy was created, in seconds since 1970.",
     render_created},
};

}  // namespace

extern const ResourceKind validatingadmissionpolicies_kind;
constinit const ResourceKind validatingadmissionpolicies_kind{
    "validatingadmissionpolicies", "/apis/admissionregistration.k8s.io/v1", false, true, identity, families};

}  // namespace pifleet::k8s
