// Role bindings: which role each of them grants.
#include "exporters/k8s_state/resources/common.hpp"
#include "exporters/k8s_state/resources/role_ref.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "rolebinding"};

constexpr FamilyRow families[] = {
    {"kube_rolebinding_annotations",
     Type::gauge,
     "Annotations of a role binding that may be shown.",
     render_annotations},
    {"kube_rolebinding_labels", Type::gauge, "Labels of a role binding that may be shown.", render_labels},
    {"kube_rolebinding_info",
     Type::gauge,
     "1 for every role binding, with the role that it grants.",
     render_role_ref},
    {"kube_rolebinding_created",
     Type::gauge,
     "When the role binding was created, in seconds since 1970.",
     render_created},
    {"kube_rolebinding_metadata_resource_version",
     Type::gauge,
     "Version of the role binding: it changes with every write.",
     render_resource_version},
};

}  // namespace

extern const ResourceKind rolebindings_kind;
constinit const ResourceKind rolebindings_kind{
    "rolebindings", "/apis/rbac.authorization.k8s.io/v1", true, false, identity, families};

}  // namespace pifleet::k8s
