// Namespaces: their phase and, while they go, what holds them up.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace"};

void render_phase(const Object& object, Samples& out) {
    for (const std::string_view phase : {"Active", "Terminating"})
        out.add({{"phase", phase}}, object.status["phase"].text() == phase ? 1 : 0);
}

void render_conditions(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items()) {
        const metrics::Label labels[] = {{"condition", condition["type"].text()}};
        add_condition(out, labels, condition["status"].text());
    }
}

constexpr FamilyRow families[] = {
    {"kube_namespace_created",
     Type::gauge,
     "When the namespace was created, in seconds since 1970.",
     render_created},
    {"kube_namespace_annotations",
     Type::gauge,
     "Annotations of a namespace that may be shown.",
     render_annotations},
    {"kube_namespace_labels", Type::gauge, "Labels of a namespace that may be shown.", render_labels},
    {"kube_namespace_status_phase",
     Type::gauge,
     "1 for the phase that the namespace is in, 0 for the other.",
     render_phase},
    {"kube_namespace_status_condition",
     Type::gauge,
     "Conditions of a namespace: 1 for the status that holds.",
     render_conditions},
};

}  // namespace

extern const ResourceKind namespaces_kind;
constinit const ResourceKind namespaces_kind{"namespaces", "/api/v1", false, true, identity, families};

}  // namespace pifleet::k8s
