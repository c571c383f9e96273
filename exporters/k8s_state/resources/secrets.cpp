// Secrets: that they exist and of what type. Read as the server's table, whose rows hold the metadata and
// cells for people: no secret value is ever asked for.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "secret"};

// The cells are name, type, how many entries, age.
void render_type(const Object& object, Samples& out) {
    std::size_t column = 0;
    for (const Json cell : object.root["cells"].items())
        if (column++ == 1) out.add({{"type", cell.text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_secret_info", Type::gauge, "1 for every secret.", render_one},
    {"kube_secret_type", Type::gauge, "1 for every secret, with its type.", render_type},
    {"kube_secret_annotations",
     Type::gauge,
     "Annotations of a secret that may be shown.",
     render_annotations},
    {"kube_secret_labels", Type::gauge, "Labels of a secret that may be shown.", render_labels},
    {"kube_secret_created",
     Type::gauge,
     "When the secret was created, in seconds since 1970.",
     render_created},
    {"kube_secret_metadata_resource_version",
     Type::gauge,
     "Version of the secret: it changes with every write.",
     render_resource_version},
    {"kube_secret_owner",
     Type::gauge,
     "1 for every owner of a secret; with empty labels when there is none.",
     render_owner},
};

}  // namespace

extern const ResourceKind secrets_kind;
constinit const ResourceKind secrets_kind{"secrets", "/api/v1", true, true, identity, families, Form::table};

}  // namespace pifleet::k8s
