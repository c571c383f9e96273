// Bounds and presets of what containers and claims of a namespace may ask for.
#include "exporters/k8s_state/resources/common.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "limitrange"};

constexpr std::string_view constraints[] = {
    "min", "max", "default", "defaultRequest", "maxLimitRequestRatio"};

void render_limits(const Object& object, Samples& out) {
    for (const Json limit : object.spec["limits"].items())
        for (const auto constraint : constraints)
            for (const auto& [resource, amount] : limit[constraint].members())
                if (const auto value = quantity(amount))
                    out.add(
                        {{"resource", resource}, {"type", limit["type"].text()}, {"constraint", constraint}},
                        *value);
}

constexpr FamilyRow families[] = {
    {"kube_limitrange",
     Type::gauge,
     "A bound or preset (the constraint) of a resource for objects of this type.",
     render_limits},
    {"kube_limitrange_created",
     Type::gauge,
     "When the limit range was created, in seconds since 1970.",
     render_created},
};

}  // namespace

extern const ResourceKind limitranges_kind;
constinit const ResourceKind limitranges_kind{"limitranges", "/api/v1", true, true, identity, families};

}  // namespace pifleet::k8s
