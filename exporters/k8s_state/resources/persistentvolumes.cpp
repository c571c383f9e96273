// Persistent volumes: where they lie, how large they are, and who has them.
#include "exporters/k8s_state/resources/fields.hpp"

#include <string>

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"persistentvolume"};

void claim_ref(const Object& object, Samples& out) {
    const auto claim = object.spec["claimRef"];
    if (claim.is_object())
        out.add({{"name", claim["name"].text()}, {"claim_namespace", claim["namespace"].text()}}, 1);
}

constexpr std::string_view phases[] = {"Pending", "Available", "Bound", "Released", "Failed"};

void phase(const Object& object, Samples& out) {
    add_choice(out, "phase", phases, object.status["phase"].text());
}

std::string joined(Json list) {
    std::string out;
    bool first = true;
    for (const Json item : list.items()) {
        if (!first) out += ',';
        out += item.text();
        first = false;
    }
    return out;
}

std::string number_or_nothing(Json number) {
    const auto value = number.integer();
    return value ? std::to_string(*value) : std::string();
}

void info(const Object& object, Samples& out) {
    const auto spec = object.spec;
    const auto fc = spec["fc"], iscsi = spec["iscsi"], nfs = spec["nfs"], csi = spec["csi"],
               local = spec["local"], host = spec["hostPath"];
    out.add({{"storageclass", spec["storageClassName"].text()},
             {"gce_persistent_disk_name", spec["gcePersistentDisk"]["pdName"].text()},
             {"ebs_volume_id", spec["awsElasticBlockStore"]["volumeID"].text()},
             {"azure_disk_name", spec["azureDisk"]["diskName"].text()},
             {"fc_wwids", joined(fc["wwids"])},
             {"fc_lun", number_or_nothing(fc["lun"])},
             {"fc_target_wwns", joined(fc["targetWWNs"])},
             {"iscsi_target_portal", iscsi["targetPortal"].text()},
             {"iscsi_iqn", iscsi["iqn"].text()},
             {"iscsi_lun", iscsi.is_object() && !iscsi["lun"] ? "0" : number_or_nothing(iscsi["lun"])},
             {"iscsi_initiator_name", iscsi["initiatorName"].text()},
             {"nfs_server", nfs["server"].text()},
             {"nfs_path", nfs["path"].text()},
             {"csi_driver", csi["driver"].text()},
             {"csi_volume_handle", csi["volumeHandle"].text()},
             {"local_path", local["path"].text()},
             {"local_fs", local["fsType"].text()},
             {"host_path", host["path"].text()},
             {"host_path_type", host["type"].text()},
             {"reclaim_policy", spec["persistentVolumeReclaimPolicy"].text()}},
            1);
}

void capacity(const Object& object, Samples& out) {
    const auto storage = object.spec["capacity"]["storage"];
    if (const auto bytes = storage ? whole_quantity(storage) : 0) out.add(*bytes);
}

void csi_attributes(const Object& object, Samples& out) {
    const auto csi = object.spec["csi"], attributes = csi["volumeAttributes"];
    if (csi.is_object())
        out.add({{"csi_mounter", attributes["mounter"].text()},
                 {"csi_map_options", attributes["mapOptions"].text()}},
                1);
}

void volume_mode(const Object& object, Samples& out) {
    const auto mode = object.spec["volumeMode"];
    out.add({{"volumemode", mode.is_text() ? mode.text() : "Filesystem"}}, 1);
}

constexpr FamilyRow families[] = {
    {"kube_persistentvolume_claim_ref",
     Type::gauge,
     "The claim that the persistent volume is bound to.",
     claim_ref},
    {"kube_persistentvolume_annotations",
     Type::gauge,
     "Annotations of a persistent volume that may be shown.",
     render_annotations},
    {"kube_persistentvolume_labels",
     Type::gauge,
     "Labels of a persistent volume that may be shown.",
     render_labels},
    {"kube_persistentvolume_status_phase", Type::gauge, "Which phase the persistent volume is in.", phase},
    {"kube_persistentvolume_info", Type::gauge, "Where the persistent volume lies.", info},
    {"kube_persistentvolume_capacity_bytes",
     Type::gauge,
     "Size of the persistent volume in bytes.",
     capacity},
    {"kube_persistentvolume_created",
     Type::gauge,
     "When the persistent volume was created, in seconds since 1970.",
     render_created},
    {"kube_persistentvolume_deletion_timestamp",
     Type::gauge,
     "When the persistent volume was asked to go, in seconds since 1970.",
     render_deletion_timestamp},
    {"kube_persistentvolume_csi_attributes",
     Type::gauge,
     "Attributes of a persistent volume of a CSI driver.",
     csi_attributes,
     true},
    {"kube_persistentvolume_volume_mode",
     Type::gauge,
     "Whether the persistent volume is used as a file system or as a block device.",
     volume_mode},
    {"kube_persistentvolume_access_mode",
     Type::gauge,
     "A way of access that the persistent volume has.",
     spec_texts<"access_mode", "accessModes">},
};

}  // namespace

extern const ResourceKind persistentvolumes_kind;
constinit const ResourceKind persistentvolumes_kind{
    "persistentvolumes", "/api/v1", false, true, identity, families};

}  // namespace pifleet::k8s
