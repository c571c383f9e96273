// Roles of the whole cluster: that they exist. What they allow is not told.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"clusterrole"};

constexpr FamilyRow families[] = {
    {"kube_clusterrole_annotations",
     Type::gauge,
     "Annotations of a cluster role that may be shown.",
     render_annotations},
    {"kube_clusterrole_labels", Type::gauge, "Labels of a cluster role that may be shown.", render_labels},
    {"kube_clusterrole_info", Type::gauge, "1 for every cluster role.", render_one},
    {"kube_clusterrole_created",
     Type::gauge,
     "When the cluster role was created, in seconds since 1970.",
     render_created},
    {"kube_clusterrole_metadata_resource_version",
     Type::gauge,
     "Version of the cluster role: it changes with every write.",
     render_resource_version},
};

}  // namespace

extern const ResourceKind clusterroles_kind;
constinit const ResourceKind clusterroles_kind{
    "clusterroles", "/apis/rbac.authorization.k8s.io/v1", false, false, identity, families};

}  // namespace pifleet::k8s
