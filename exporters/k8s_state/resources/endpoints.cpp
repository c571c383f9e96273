// Endpoints: the addresses behind a service, all in one object. Endpoint slices take their place.
#include "exporters/k8s_state/resources/fields.hpp"

#include <string>

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "endpoint"};

std::string port_number(Json port) {
    return std::to_string(port["port"].integer().value_or(0));
}

void add_addresses(Samples& out, Json list, Json port, std::string_view number, std::string_view ready) {
    for (const Json address : list.items())
        out.add({{"port_protocol", port["protocol"].text()},
                 {"port_number", number},
                 {"port_name", port["name"].text()},
                 {"ip", address["ip"].text()},
                 {"ready", ready}},
                1);
}

void addresses(const Object& object, Samples& out) {
    for (const Json subset : object.root["subsets"].items()) {
        for (const Json port : subset["ports"].items()) {
            const auto number = port_number(port);
            add_addresses(out, subset["addresses"], port, number, "true");
            add_addresses(out, subset["notReadyAddresses"], port, number, "false");
        }
    }
}

void ports(const Object& object, Samples& out) {
    for (const Json subset : object.root["subsets"].items())
        for (const Json port : subset["ports"].items())
            out.add({{"port_name", port["name"].text()},
                     {"port_protocol", port["protocol"].text()},
                     {"port_number", port_number(port)}},
                    1);
}

constexpr FamilyRow families[] = {
    {"kube_endpoint_info", Type::gauge, "1 for every endpoints object.", render_one},
    {"kube_endpoint_created",
     Type::gauge,
     "When the endpoints object was created, in seconds since 1970.",
     render_created},
    {"kube_endpoint_annotations",
     Type::gauge,
     "Annotations of an endpoints object that may be shown.",
     render_annotations},
    {"kube_endpoint_labels", Type::gauge, "Labels of an endpoints object that may be shown.", render_labels},
    {"kube_endpoint_address",
     Type::gauge,
     "An address behind the service, with a port of it, and whether it is ready.",
     addresses},
    {"kube_endpoint_ports", Type::gauge, "A port behind the service.", ports},
};

}  // namespace

extern const ResourceKind endpoints_kind;
constinit const ResourceKind endpoints_kind{"endpoints", "/api/v1", true, false, identity, families};

}  // namespace pifleet::k8s
