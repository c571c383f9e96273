// What pods are and where they run: owners, addresses, volumes, claims, tolerations.
#include "exporters/k8s_state/allow_list.hpp"
#include "exporters/k8s_state/resources/by_name.hpp"
#include "exporters/k8s_state/resources/ip_family.hpp"
#include "exporters/k8s_state/resources/pods.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace pifleet::k8s::pods {

void info(const Object& object, Samples& out) {
    Json creator;
    for (const Json owner : object.metadata["ownerReferences"].items())
        if (!creator && owner["controller"].is_true()) creator = owner;
    out.add({{"host_ip", object.status["hostIP"].text()},
             {"pod_ip", object.status["podIP"].text()},
             {"node", object.spec["nodeName"].text()},
             {"created_by_kind", creator["kind"].text()},
             {"created_by_name", creator["name"].text()},
             {"priority_class", object.spec["priorityClassName"].text()},
             {"host_network", object.spec["hostNetwork"].is_true() ? "true" : "false"}},
            1);
}

void ips(const Object& object, Samples& out) {
    for (const Json address : object.status["podIPs"].items()) {
        const auto ip = address["ip"].text(), family = ip_family(ip);
        if (!family.empty()) out.add({{"ip", ip}, {"ip_family", family}}, 1);
    }
}

void add_overhead(const Object& object, std::string_view resource, Samples& out) {
    const auto amount = object.spec["overhead"][resource];
    if (const auto value = resource == "cpu" ? milli_quantity(amount) : whole_quantity(amount))
        out.add(*value);
}

// A claim is named by the pod, or made from a template under a name that only the status tells.
void resource_claims(const Object& object, Samples& out) {
    const auto claims = object.spec["resourceClaims"];
    if (claims.size() == 0) return;
    const ByName made(object.status["resourceClaimStatuses"]);
    for (const Json claim : claims.items()) {
        const auto name = claim["name"].text();
        const auto named = claim["resourceClaimName"], by_template = claim["resourceClaimTemplateName"];
        if (!named.is_text() && !by_template.is_text()) continue;
        out.add({{"claim_name", name},
                 {"resourceclaim_name",
                  named.is_text() ? named.text() : made.find(name)["resourceClaimName"].text()},
                 {"resourceclaim_template_name", by_template.text()}},
                1);
    }
}

void runtime_class(const Object& object, Samples& out) {
    const auto name = object.spec["runtimeClassName"];
    if (name.is_text()) out.add({{"runtimeclass_name", name.text()}}, 1);
}

namespace {

// Volumes that are claims: of a claim that stands for itself, or of one that lives and dies with the pod.
template <typename Value>
void each_claim(const Object& object, Samples& out, Value value) {
    for (const Json volume : object.spec["volumes"].items()) {
        const auto name = volume["name"].text();
        const auto claim = volume["persistentVolumeClaim"];
        if (claim.is_object())
            out.add({{"volume", name},
                     {"persistentvolumeclaim", claim["claimName"].text()},
                     {"ephemeral", "false"}},
                    value(claim));
        if (!volume["ephemeral"].is_object()) continue;
        const auto made = std::string(object.name) + '-' + std::string(name);
        out.add({{"volume", name}, {"persistentvolumeclaim", made}, {"ephemeral", "true"}}, value(Json()));
    }
}

}  // namespace

void volume_claims(const Object& object, Samples& out) {
    each_claim(object, out, [](Json) { return 1; });
}

void volume_claims_read_only(const Object& object, Samples& out) {
    each_claim(object, out, [](Json claim) { return claim["readOnly"].is_true() ? 1 : 0; });
}

// Each once, however often the pod has it.
void tolerations(const Object& object, Samples& out) {
    using Toleration = std::tuple<std::string_view,
                                  std::string_view,
                                  std::string_view,
                                  std::string_view,
                                  std::optional<std::int64_t>>;
    const auto list = object.spec["tolerations"];
    std::vector<Toleration> all;
    all.reserve(list.is_list() ? list.size() : 0);
    for (const Json item : list.items())
        if (item.is_object())
            all.emplace_back(item["key"].text(),
                             item["operator"].text(),
                             item["value"].text(),
                             item["effect"].text(),
                             item["tolerationSeconds"].integer());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    for (const auto& [key, op, value, effect, seconds] : all)
        out.add({{"key", key},
                 {"operator", op},
                 {"value", value},
                 {"effect", effect},
                 {"toleration_seconds", seconds ? std::to_string(*seconds) : ""}},
                1);
}

void node_selector(const Object& object, Samples& out) {
    static const LabelAllowList all({"*"});
    add_map(out, "nodeselector", object.spec["nodeSelector"], all);
}

}  // namespace pifleet::k8s::pods
