// Cluster role bindings: which role each of them grants.
#include "exporters/k8s_state/resources/common.hpp"
#include "exporters/k8s_state/resources/role_ref.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"clusterrolebinding"};

constexpr FamilyRow families[] = {
    {"kube_clusterrolebinding_annotations",
     Type::gauge,
     "Annotations of a cluster role binding that may be shown.",
     render_annotations},
    {"kube_clusterrolebinding_labels",
     Type::gauge,
     "Labels of a cluster role binding that may be shown.",
     render_labels},
    {"kube_clusterrolebinding_info",
     Type::gauge,
     "1 for every cluster role binding, with the role that it grants.",
     render_role_ref},
    {"kube_clusterrolebinding_created",
     Type::gauge,
     "When the cluster role binding was created, in seconds since 1970.",
     render_created},
    {"kube_clusterrolebinding_metadata_resource_version",
     Type::gauge,
     "Version of the cluster role binding: it changes with every write.",
     render_resource_version},
};

}  // namespace

extern const ResourceKind clusterrolebindings_kind;
constinit const ResourceKind clusterrolebindings_kind{
    "clusterrolebindings", "/apis/rbac.authorization.k8s.io/v1", false, false, identity, families};

}  // namespace pifleet::k8s
