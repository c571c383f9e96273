// Configuration maps: that they exist. Their data is of no interest here.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "configmap"};

constexpr FamilyRow families[] = {
    {"kube_configmap_annotations",
     Type::gauge,
     "Annotations of a config map that may be shown.",
     render_annotations},
    {"kube_configmap_labels", Type::gauge, "Labels of a config map that may be shown.", render_labels},
    {"kube_configmap_info", Type::gauge, "1 for every config map.", render_one},
    {"kube_configmap_created",
     Type::gauge,
     "When the config map was created, in seconds since 1970.",
     render_created},
    {"kube_configmap_metadata_resource_version",
     Type::gauge,
     "Version of the config map: it changes with every write.",
     render_resource_version},
};

}  // namespace

extern const ResourceKind configmaps_kind;
constinit const ResourceKind configmaps_kind{"configmaps", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
