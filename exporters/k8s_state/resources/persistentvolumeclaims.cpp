// Persistent volume claims: what they ask for, and whether they got it.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "persistentvolumeclaim"};

// An annotation of old goes before the field.
std::string_view storage_class(const Object& object) {
    const auto annotation = object.metadata["annotations"]["volume.beta.kubernetes.io/storage-class"];
    return annotation.is_text() ? annotation.text() : object.spec["storageClassName"].text();
}

void info(const Object& object, Samples& out) {
    out.add({{"storageclass", storage_class(object)},
             {"volumename", object.spec["volumeName"].text()},
             {"volumemode", object.spec["volumeMode"].text()}},
            1);
}

constexpr std::string_view phases[] = {"Lost", "Bound", "Pending"};

void phase(const Object& object, Samples& out) {
    add_choice(out, "phase", phases, object.status["phase"].text());
}

void requested_bytes(const Object& object, Samples& out) {
    if (const auto bytes = whole_quantity(object.spec["resources"]["requests"]["storage"])) out.add(*bytes);
}

constexpr FamilyRow families[] = {
    {"kube_persistentvolumeclaim_labels",
     Type::gauge,
     "Labels of a persistent volume claim that may be shown.",
     render_labels},
    {"kube_persistentvolumeclaim_annotations",
     Type::gauge,
     "Annotations of a persistent volume claim that may be shown.",
     render_annotations},
    {"kube_persistentvolumeclaim_info",
     Type::gauge,
     "Storage class, volume and mode of the persistent volume claim.",
     info},
    {"kube_persistentvolumeclaim_status_phase",
     Type::gauge,
     "Which phase the persistent volume claim is in.",
     phase},
    {"kube_persistentvolumeclaim_resource_requests_storage_bytes",
     Type::gauge,
     "Bytes that the persistent volume claim asks for.",
     requested_bytes},
    {"kube_persistentvolumeclaim_access_mode",
     Type::gauge,
     "A way of access that the persistent volume claim asks for.",
     spec_texts<"access_mode", "accessModes">},
    {"kube_persistentvolumeclaim_status_condition",
     Type::gauge,
     "Which status a condition of the persistent volume claim has.",
     status_conditions},
    {"kube_persistentvolumeclaim_created",
     Type::gauge,
     "When the persistent volume claim was created, in seconds since 1970.",
     render_created},
    {"kube_persistentvolumeclaim_deletion_timestamp",
     Type::gauge,
     "When the persistent volume claim was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
};

}  // namespace

extern const ResourceKind persistentvolumeclaims_kind;
constinit const ResourceKind persistentvolumeclaims_kind{
    "persistentvolumeclaims", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
