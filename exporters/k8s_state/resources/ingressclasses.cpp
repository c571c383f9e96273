// Classes of ingresses: which controller serves each.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"ingressclass"};

void render_controller(const Object& object, Samples& out) {
    out.add({{"controller", object.spec["controller"].text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_ingressclass_info",
     Type::gauge,
     "1 for every ingress class, with the controller that serves it.",
     render_controller},
    {"kube_ingressclass_created",
     Type::gauge,
     "When the ingress class was created, in seconds since 1970.",
     render_created},
    {"kube_ingressclass_annotations",
     Type::gauge,
     "Annotations of an ingress class that may be shown.",
     render_annotations},
    {"kube_ingressclass_labels", Type::gauge, "Labels of an ingress class that may be shown.", render_labels},
};

}  // namespace

extern const ResourceKind ingressclasses_kind;
constinit const ResourceKind ingressclasses_kind{
    "ingressclasses", "/apis/networking.k8s.io/v1", false, false, identity, families};

}  // namespace pifleet::k8s
