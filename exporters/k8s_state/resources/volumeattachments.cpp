// Attachments of volumes to nodes: wanted and done. The labels follow the allow-list as those of every other
// kind.
#include "exporters/k8s_state/allow_list.hpp"
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"volumeattachment"};

void render_info(const Object& object, Samples& out) {
    out.add({{"attacher", object.spec["attacher"].text()}, {"node", object.spec["nodeName"].text()}}, 1);
}

void render_source(const Object& object, Samples& out) {
    const auto volume = object.spec["source"]["persistentVolumeName"];
    if (volume.is_text()) out.add({{"volumename", volume.text()}}, 1);
}

void render_attached(const Object& object, Samples& out) {
    out.add(object.status["attached"].is_true() ? 1 : 0);
}

void render_metadata(const Object& object, Samples& out) {
    static const LabelAllowList all({"*"});
    add_map(out, "metadata", object.status["attachmentMetadata"], all);
}

constexpr FamilyRow families[] = {
    {"kube_volumeattachment_labels",
     Type::gauge,
     "Labels of a volume attachment that may be shown.",
     render_labels},
    {"kube_volumeattachment_info",
     Type::gauge,
     "1 for every volume attachment, with who attaches it and to which node.",
     render_info},
    {"kube_volumeattachment_created",
     Type::gauge,
     "When the volume attachment was created, in seconds since 1970.",
     render_created},
    {"kube_volumeattachment_spec_source_persistentvolume",
     Type::gauge,
     "1 for every volume attachment of a persistent volume, with its name.",
     render_source},
    {"kube_volumeattachment_status_attached",
     Type::gauge,
     "Whether the volume is attached.",
     render_attached},
    {"kube_volumeattachment_status_attachment_metadata",
     Type::gauge,
     "What the driver noted down for the mount.",
     render_metadata},
};

}  // namespace

extern const ResourceKind volumeattachments_kind;
constinit const ResourceKind volumeattachments_kind{
    "volumeattachments", "/apis/storage.k8s.io/v1", false, true, identity, families};

}  // namespace pifleet::k8s
