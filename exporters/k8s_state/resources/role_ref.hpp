// What both kinds of role bindings share.
#pragma once

#include "exporters/k8s_state/kind.hpp"

namespace pifleet::k8s {

/// kube_rolebinding_info and its like of the cluster: 1, with the role that is granted.
inline void render_role_ref(const Object& object, Samples& out) {
    const auto role = object.root["roleRef"];
    out.add({{"roleref_kind", role["kind"].text()}, {"roleref_name", role["name"].text()}}, 1);
}

}  // namespace pifleet::k8s
