// Endpoint slices: a part of the addresses behind a service.
#include "exporters/k8s_state/resources/fields.hpp"

#include <string>

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"endpointslice", "namespace"};

void info(const Object& object, Samples& out) {
    out.add({{"addresstype", object.root["addressType"].text()}}, 1);
}

void hints(const Object& object, Samples& out) {
    for (const Json endpoint : object.root["endpoints"].items()) {
        const auto addresses = endpoint["addresses"];
        if (!addresses.is_list() || addresses.size() == 0) continue;
        const auto first = (*addresses.items().begin()).text();
        for (const Json zone : endpoint["hints"]["forZones"].items())
            out.add({{"address", first}, {"for_zone", zone["name"].text()}}, 1);
    }
}

std::string_view flag(Json value) {
    const auto holds = value.boolean();
    return !holds ? "" : *holds ? "true" : "false";
}

void endpoints(const Object& object, Samples& out) {
    for (const Json endpoint : object.root["endpoints"].items()) {
        const auto conditions = endpoint["conditions"], target = endpoint["targetRef"];
        for (const Json address : endpoint["addresses"].items())
            out.add({{"ready", flag(conditions["ready"])},
                     {"serving", flag(conditions["serving"])},
                     {"hostname", endpoint["hostname"].text()},
                     {"terminating", flag(conditions["terminating"])},
                     {"targetref_kind", target["kind"].text()},
                     {"targetref_name", target["name"].text()},
                     {"targetref_namespace", target["namespace"].text()},
                     {"endpoint_nodename", endpoint["nodeName"].text()},
                     {"endpoint_zone", endpoint["zone"].text()},
                     {"address", address.text()}},
                    1);
    }
}

void ports(const Object& object, Samples& out) {
    for (const Json port : object.root["ports"].items()) {
        const auto number = port["port"].integer();
        out.add({{"port_name", port["name"].text()},
                 {"port_protocol", port["protocol"].text()},
                 {"port_number", number ? std::to_string(*number) : ""}},
                1);
    }
}

constexpr FamilyRow families[] = {
    {"kube_endpointslice_info", Type::gauge, "Of which type the addresses of the endpoint slice are.", info},
    {"kube_endpointslice_created",
     Type::gauge,
     "When the endpoint slice was created, in seconds since 1970.",
     render_created},
    {"kube_endpointslice_endpoints_hints", Type::gauge, "A zone that should use the endpoint.", hints},
    {"kube_endpointslice_endpoints",
     Type::gauge,
     "An address behind the service, and what is known of it.",
     endpoints},
    {"kube_endpointslice_ports", Type::gauge, "A port behind the service.", ports},
    {"kube_endpointslice_annotations",
     Type::gauge,
     "Annotations of an endpoint slice that may be shown.",
     render_annotations},
    {"kube_endpointslice_labels",
     Type::gauge,
     "Labels of an endpoint slice that may be shown.",
     render_labels},
};

}  // namespace

extern const ResourceKind endpointslices_kind;
constinit const ResourceKind endpointslices_kind{
    "endpointslices", "/apis/discovery.k8s.io/v1", true, true, identity, families};

}  // namespace pifleet::k8s
