// Ingresses: the class that serves each, its paths and where they lead, its certificates.
#include "common/base/text.hpp"
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "ingress"};

// The annotation is the older way and goes first.
void render_class(const Object& object, Samples& out) {
    const auto annotation = object.metadata["annotations"]["kubernetes.io/ingress.class"];
    const auto member = object.spec["ingressClassName"];
    out.add({{"ingressclass",
              annotation.is_text() ? annotation.text()
              : member.is_text()   ? member.text()
                                   : "_default"}},
            1);
}

void add_path(Samples& out, std::string_view host, Json path) {
    const metrics::Label place[] = {
        {"host", host}, {"path", path["path"].text()}, {"path_type", path["pathType"].text()}};
    const auto service = path["backend"]["service"], resource = path["backend"]["resource"];
    if (service) {
        // 0 when the port is given by its name.
        const auto port = number_text(service["port"]["number"].number().value_or(0));
        out.add(
            {place[0], place[1], place[2], {"service_name", service["name"].text()}, {"service_port", port}},
            1);
    } else if (resource) {
        out.add({place[0],
                 place[1],
                 place[2],
                 {"resource_api_group", resource["apiGroup"].text()},
                 {"resource_kind", resource["kind"].text()},
                 {"resource_name", resource["name"].text()}},
                1);
    }
}

void render_paths(const Object& object, Samples& out) {
    for (const Json rule : object.spec["rules"].items())
        for (const Json path : rule["http"]["paths"].items()) add_path(out, rule["host"].text(), path);
}

void render_tls(const Object& object, Samples& out) {
    for (const Json tls : object.spec["tls"].items())
        for (const Json host : tls["hosts"].items())
            out.add({{"tls_host", host.text()}, {"secret", tls["secretName"].text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_ingress_info",
     Type::gauge,
     "1 for every ingress, with the class that serves it; _default when it names none.",
     render_class},
    {"kube_ingress_annotations",
     Type::gauge,
     "Annotations of an ingress that may be shown.",
     render_annotations},
    {"kube_ingress_labels", Type::gauge, "Labels of an ingress that may be shown.", render_labels},
    {"kube_ingress_created",
     Type::gauge,
     "When the ingress was created, in seconds since 1970.",
     render_created},
    {"kube_ingress_metadata_resource_version",
     Type::gauge,
     "Version of the ingress: it changes with every write.",
     render_resource_version},
    {"kube_ingress_path",
     Type::gauge,
     "1 for every path of a host, with the service or the resource behind it.",
     render_paths},
    {"kube_ingress_tls",
     Type::gauge,
     "1 for every host that is served over TLS, with the secret that holds its certificate.",
     render_tls},
};

}  // namespace

extern const ResourceKind ingresses_kind;
constinit const ResourceKind ingresses_kind{
    "ingresses", "/apis/networking.k8s.io/v1", true, true, identity, families};

}  // namespace pifleet::k8s
