// Roles of a namespace: that they exist. What they allow is not told.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "role"};

constexpr FamilyRow families[] = {
    {"kube_role_annotations", Type::gauge, "Annotations of a role that may be shown.", render_annotations},
    {"kube_role_labels", Type::gauge, "Labels of a role that may be shown.", render_labels},
    {"kube_role_info", Type::gauge, "1 for every role.", render_one},
    {"kube_role_created", Type::gauge, "When the role was created, in seconds since 1970.", render_created},
    {"kube_role_metadata_resource_version",
     Type::gauge,
     "Version of the role: it changes with every write.",
     render_resource_version},
};

}  // namespace

extern const ResourceKind roles_kind;
constinit const ResourceKind roles_kind{
    "roles", "/apis/rbac.authorization.k8s.io/v1", true, false, identity, families};

}  // namespace pifleet::k8s
