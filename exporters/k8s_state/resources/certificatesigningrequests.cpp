// Requests for certificates: who shall sign, what was decided and how long the certificate is.
#include "common/base/base64.hpp"
#include "exporters/k8s_state/allow_list.hpp"
#include "exporters/k8s_state/resources/common.hpp"

#include <utility>

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"certificatesigningrequest"};

metrics::Label signer(const Object& object) {
    return {"signer_name", object.spec["signerName"].text()};
}

void render_signed_annotations(const Object& object, Samples& out) {
    const metrics::Label before[] = {signer(object)};
    if (!object.annotations->empty())
        add_map(out, "annotation", object.metadata["annotations"], *object.annotations, before);
}

void render_signed_labels(const Object& object, Samples& out) {
    const metrics::Label before[] = {signer(object)};
    if (!object.labels->empty()) add_map(out, "label", object.metadata["labels"], *object.labels, before);
}

void render_signed_created(const Object& object, Samples& out) {
    if (const auto created = unix_seconds(object.metadata["creationTimestamp"].text()))
        out.add({signer(object)}, *created);
}

void render_conditions(const Object& object, Samples& out) {
    for (const auto& [name, type] :
         {std::pair("approved", "Approved"), {"denied", "Denied"}, {"failed", "Failed"}}) {
        int count = 0;
        for (const Json condition : object.status["conditions"].items())
            count += condition["type"].text() == type ? 1 : 0;
        out.add({signer(object), {"condition", name}}, count);
    }
}

void render_length(const Object& object, Samples& out) {
    if (const auto certificate = base64_decode(object.status["certificate"].text()))
        out.add({signer(object)}, static_cast<double>(certificate->size()));
}

constexpr FamilyRow families[] = {
    {"kube_certificatesigningrequest_annotations",
     Type::gauge,
     "Annotations of a certificate signing request that may be shown.",
     render_signed_annotations},
    {"kube_certificatesigningrequest_labels",
     Type::gauge,
     "Labels of a certificate signing request that may be shown.",
     render_signed_labels},
    {"kube_certificatesigningrequest_created",
     Type::gauge,
     "When the certificate was asked for, in seconds since 1970.",
     render_signed_created},
    {"kube_certificatesigningrequest_condition",
     Type::gauge,
     "How many conditions of this type the request has: approved, denied, failed.",
     render_conditions},
    {"kube_certificatesigningrequest_cert_length",
     Type::gauge,
     "Bytes of the certificate that was issued; 0 while there is none.",
     render_length},
};

}  // namespace

extern const ResourceKind certificatesigningrequests_kind;
constinit const ResourceKind certificatesigningrequests_kind{
    "certificatesigningrequests", "/apis/certificates.k8s.io/v1", false, true, identity, families};

}  // namespace pifleet::k8s
