// Leases: who holds each and when it was renewed last. Nodes renew theirs every ten seconds.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"lease"};

void render_owners(const Object& object, Samples& out) {
    const auto add = [&](std::string_view kind, std::string_view name) {
        out.add({{"owner_kind", kind},
                 {"owner_name", name},
                 {"namespace", object.ns},
                 {"lease_holder", object.spec["holderIdentity"].text()}},
                1);
    };
    const auto owners = object.metadata["ownerReferences"];
    for (const Json owner : owners.items()) add(owner["kind"].text(), owner["name"].text());
    if (owners.size() == 0) add("", "");
}

void render_renewed(const Object& object, Samples& out) {
    if (const auto renewed = unix_seconds(object.spec["renewTime"].text()))
        out.add({{"namespace", object.ns}}, *renewed);
}

constexpr FamilyRow families[] = {
    {"kube_lease_owner",
     Type::gauge,
     "1 for every owner of a lease, with its holder; the owner is empty when there is none.",
     render_owners},
    {"kube_lease_renew_time",
     Type::gauge,
     "When the lease was renewed last, in whole seconds since 1970.",
     render_renewed},
};

}  // namespace

extern const ResourceKind leases_kind;
constinit const ResourceKind leases_kind{
    "leases", "/apis/coordination.k8s.io/v1", true, true, identity, families};

}  // namespace pifleet::k8s
