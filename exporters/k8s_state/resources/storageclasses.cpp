// Storage classes: who provides the volumes and what becomes of them.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"storageclass"};

std::string_view text_or(Json text, std::string_view preset) {
    return text.is_text() ? text.text() : preset;
}

void render_info(const Object& object, Samples& out) {
    out.add({{"provisioner", object.root["provisioner"].text()},
             {"reclaim_policy", text_or(object.root["reclaimPolicy"], "Delete")},
             {"volume_binding_mode", text_or(object.root["volumeBindingMode"], "Immediate")}},
            1);
}

constexpr FamilyRow families[] = {
    {"kube_storageclass_info",
     Type::gauge,
     "1 for every storage class, with its provisioner and its policies.",
     render_info},
    {"kube_storageclass_created",
     Type::gauge,
     "When the storage class was created, in seconds since 1970.",
     render_created},
    {"kube_storageclass_annotations",
     Type::gauge,
     "Annotations of a storage class that may be shown.",
     render_annotations},
    {"kube_storageclass_labels", Type::gauge, "Labels of a storage class that may be shown.", render_labels},
};

}  // namespace

extern const ResourceKind storageclasses_kind;
constinit const ResourceKind storageclasses_kind{
    "storageclasses", "/apis/storage.k8s.io/v1", false, true, identity, families};

}  // namespace pifleet::k8s
