// What the mutating and the validating kinds of admission control share.
#pragma once

#include "exporters/k8s_state/kind.hpp"

namespace pifleet::k8s {

/// 1, with the policy that a binding puts in force and the parameter that it gives.
inline void render_policy_binding(const Object& object, Samples& out) {
    const auto parameter = object.spec["paramRef"];
    out.add({{"policy_name", object.spec["policyName"].text()},
             {"param_name", parameter["name"].text()},
             {"param_namespace", parameter["namespace"].text()},
             {"param_not_found_action", parameter["parameterNotFoundAction"].text()}},
            1);
}

/// 1 for every webhook, with the service that is asked.
inline void render_webhook_services(const Object& object, Samples& out) {
    for (const Json hook : object.root["webhooks"].items()) {
        const auto service = hook["clientConfig"]["service"];
        out.add({{"webhook_name", hook["name"].text()},
                 {"service_name", service["name"].text()},
                 {"service_namespace", service["namespace"].text()}},
                1);
    }
}

}  // namespace pifleet::k8s
