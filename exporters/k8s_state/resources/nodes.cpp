// Nodes: what they run, what they offer, and how they fare.
#include "exporters/k8s_state/resources/fields.hpp"
#include "exporters/k8s_state/resources/resource_amounts.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"node"};

void info(const Object& object, Samples& out) {
    const auto system = object.status["nodeInfo"];
    std::string_view internal_ip;
    for (const Json address : object.status["addresses"].items())
        if (address["type"].text() == "InternalIP") internal_ip = address["address"].text();
    out.add({{"kernel_version", system["kernelVersion"].text()},
             {"os_image", system["osImage"].text()},
             {"container_runtime_version", system["containerRuntimeVersion"].text()},
             {"kubelet_version", system["kubeletVersion"].text()},
             {"kubeproxy_version", "deprecated"},  // nodes no longer tell the truth about it
             {"provider_id", object.spec["providerID"].text()},
             {"pod_cidr", object.spec["podCIDR"].text()},
             {"system_uuid", system["systemUUID"].text()},
             {"internal_ip", internal_ip}},
            1);
}

void roles(const Object& object, Samples& out) {
    constexpr std::string_view prefix = "node-role.kubernetes.io/";
    for (const auto& [key, value] : object.metadata["labels"].members())
        if (key.starts_with(prefix)) out.add({{"role", key.substr(prefix.size())}}, 1);
}

void taints(const Object& object, Samples& out) {
    for (const Json taint : object.spec["taints"].items())
        out.add({{"key", taint["key"].text()},
                 {"value", taint["value"].text()},
                 {"effect", taint["effect"].text()}},
                1);
}

template <Field field>
void amounts(const Object& object, Samples& out) {
    add_resources(out, {}, object.status[field], Pods::counted);
}

void addresses(const Object& object, Samples& out) {
    for (const Json address : object.status["addresses"].items())
        out.add({{"type", address["type"].text()}, {"address", address["address"].text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_node_annotations", Type::gauge, "Annotations of a node that may be shown.", render_annotations},
    {"kube_node_created", Type::gauge, "When the node was created, in seconds since 1970.", render_created},
    {"kube_node_deletion_timestamp",
     Type::gauge,
     "When the node was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
    {"kube_node_info", Type::gauge, "Versions and addresses of the node.", info},
    {"kube_node_labels", Type::gauge, "Labels of a node that may be shown.", render_labels},
    {"kube_node_role", Type::gauge, "A role of the node.", roles},
    {"kube_node_spec_pod_cidrs",
     Type::gauge,
     "A range of addresses for the node's pods.",
     spec_texts<"pod_cidr", "podCIDRs">},
    {"kube_node_spec_taint", Type::gauge, "A taint of the node.", taints},
    {"kube_node_spec_unschedulable",
     Type::gauge,
     "1 when the node takes no new pods.",
     spec_flag<"unschedulable">},
    {"kube_node_status_allocatable",
     Type::gauge,
     "How much of a resource the node has for pods.",
     amounts<"allocatable">},
    {"kube_node_status_capacity",
     Type::gauge,
     "How much of a resource the node has in all.",
     amounts<"capacity">},
    {"kube_node_status_condition",
     Type::gauge,
     "Which status a condition of the node has.",
     status_conditions},
    {"kube_node_status_addresses", Type::gauge, "An address of the node.", addresses},
};

}  // namespace

extern const ResourceKind nodes_kind;
constinit const ResourceKind nodes_kind{"nodes", "/api/v1", false, true, identity, families};

}  // namespace pifleet::k8s
