// Services: their type and the addresses they are reached at.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "service", "uid"};

void info(const Object& object, Samples& out) {
    const auto spec = object.spec;
    out.add({{"cluster_ip", spec["clusterIP"].text()},
             {"external_name", spec["externalName"].text()},
             {"load_balancer_ip", spec["loadBalancerIP"].text()},
             {"external_traffic_policy", spec["externalTrafficPolicy"].text()}},
            1);
}

void ingress(const Object& object, Samples& out) {
    for (const Json point : object.status["loadBalancer"]["ingress"].items())
        out.add({{"ip", point["ip"].text()}, {"hostname", point["hostname"].text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_service_info", Type::gauge, "Addresses and names of the service.", info},
    {"kube_service_created",
     Type::gauge,
     "When the service was created, in seconds since 1970.",
     render_created},
    {"kube_service_spec_type", Type::gauge, "Type of the service.", spec_text<"type", "type">},
    {"kube_service_annotations",
     Type::gauge,
     "Annotations of a service that may be shown.",
     render_annotations},
    {"kube_service_labels", Type::gauge, "Labels of a service that may be shown.", render_labels},
    {"kube_service_spec_external_ip",
     Type::gauge,
     "An address from outside that the service answers to as well.",
     spec_texts<"external_ip", "externalIPs">},
    {"kube_service_status_load_balancer_ingress",
     Type::gauge,
     "Where a load balancer takes the service's traffic in.",
     ingress},
    {"kube_service_deletion_timestamp",
     Type::gauge,
     "When the service was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
};

}  // namespace

extern const ResourceKind services_kind;
constinit const ResourceKind services_kind{"services", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
