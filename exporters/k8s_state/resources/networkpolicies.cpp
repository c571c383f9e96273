// Network policies: how many rules each has.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "networkpolicy"};

void render_ingress(const Object& object, Samples& out) {
    out.add(static_cast<double>(object.spec["ingress"].size()));
}

void render_egress(const Object& object, Samples& out) {
    out.add(static_cast<double>(object.spec["egress"].size()));
}

constexpr FamilyRow families[] = {
    {"kube_networkpolicy_created",
     Type::gauge,
     "When the network policy was created, in seconds since 1970.",
     render_created},
    {"kube_networkpolicy_annotations",
     Type::gauge,
     "Annotations of a network policy that may be shown.",
     render_annotations},
    {"kube_networkpolicy_labels",
     Type::gauge,
     "Labels of a network policy that may be shown.",
     render_labels},
    {"kube_networkpolicy_spec_ingress_rules",
     Type::gauge,
     "How many rules for incoming traffic the network policy has.",
     render_ingress},
    {"kube_networkpolicy_spec_egress_rules",
     Type::gauge,
     "How many rules for outgoing traffic the network policy has.",
     render_egress},
};

}  // namespace

extern const ResourceKind networkpolicies_kind;
constinit const ResourceKind networkpolicies_kind{
    "networkpolicies", "/apis/networking.k8s.io/v1", true, true, identity, families};

}  // namespace pifleet::k8s
