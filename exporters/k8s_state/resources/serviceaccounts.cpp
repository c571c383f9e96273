// Service accounts: the secrets they name and whether pods get a token.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "serviceaccount", "uid"};

void render_info(const Object& object, Samples& out) {
    const auto automount = object.root["automountServiceAccountToken"].boolean();
    out.add({{"automount_token", !automount ? "" : *automount ? "true" : "false"}}, 1);
}

void render_secrets(const Object& object, Samples& out) {
    for (const Json secret : object.root["secrets"].items()) out.add({{"name", secret["name"].text()}}, 1);
}

void render_pull_secrets(const Object& object, Samples& out) {
    for (const Json secret : object.root["imagePullSecrets"].items())
        out.add({{"name", secret["name"].text()}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_serviceaccount_info",
     Type::gauge,
     "1 for every service account, with whether pods get its token: true, false or empty.",
     render_info},
    {"kube_serviceaccount_created",
     Type::gauge,
     "When the service account was created, in seconds since 1970.",
     render_created},
    {"kube_serviceaccount_deleted",
     Type::gauge,
     "When the deletion of the service account was asked for, in seconds since 1970.",
     render_deletion_timestamp},
    {"kube_serviceaccount_secret",
     Type::gauge,
     "1 for every secret that pods of the account may use.",
     render_secrets},
    {"kube_serviceaccount_image_pull_secret",
     Type::gauge,
     "1 for every secret that images are pulled with.",
     render_pull_secrets},
    {"kube_serviceaccount_annotations",
     Type::gauge,
     "Annotations of a service account that may be shown.",
     render_annotations},
    {"kube_serviceaccount_labels",
     Type::gauge,
     "Labels of a service account that may be shown.",
     render_labels},
};

}  // namespace

extern const ResourceKind serviceaccounts_kind;
constinit const ResourceKind serviceaccounts_kind{
    "serviceaccounts", "/api/v1", true, false, identity, families};

}  // namespace pifleet::k8s
