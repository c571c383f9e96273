// Quotas of a namespace: what may be used and what is.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "resourcequota"};

void render_quota(const Object& object, Samples& out) {
    for (const std::string_view type : {"hard", "used"})
        for (const auto& [resource, amount] : object.status[type].members())
            if (const auto value = quantity(amount))
                out.add({{"resource", resource}, {"type", type}}, *value);
}

constexpr FamilyRow families[] = {
    {"kube_resourcequota_created",
     Type::gauge,
     "When the resource quota was created, in seconds since 1970.",
     render_created},
    {"kube_resourcequota",
     Type::gauge,
     "How much of a resource the namespace may use (hard) and uses (used).",
     render_quota},
    {"kube_resourcequota_annotations",
     Type::gauge,
     "Annotations of a resource quota that may be shown.",
     render_annotations},
    {"kube_resourcequota_labels",
     Type::gauge,
     "Labels of a resource quota that may be shown.",
     render_labels},
};

}  // namespace

extern const ResourceKind resourcequotas_kind;
constinit const ResourceKind resourcequotas_kind{"resourcequotas", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
