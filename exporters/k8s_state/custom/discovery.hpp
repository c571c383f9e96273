// What the API server says of its resources: names in URLs, kinds, whether they live in namespaces. Pure: the
// answers come as JSON, and what to ask is told as paths.
#pragma once

#include "exporters/k8s_state/custom/config.hpp"
#include "exporters/k8s_state/json.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

struct ApiResource {
    std::string group, version, kind;
    std::string plural;
    bool namespaced = false;
    friend bool operator==(const ApiResource&, const ApiResource&) = default;
};

/// Whether a group, a version or a plural may be called so: they stand in paths.
bool is_api_name(std::string_view name);

/// "/api/v1" for the core, "/apis/GROUP/VERSION" for any other group.
std::string group_path(std::string_view group, std::string_view version);

/// Whether the list of groups (GET /apis) is needed to know what to ask: a version is "*".
bool needs_groups(std::span<const CustomResourceConfig> configs);
/// The paths whose answers read_resources takes, each once. `groups` is the answer of GET /apis, or nothing.
std::vector<std::string> resource_paths(std::span<const CustomResourceConfig> configs, Json groups);

/// The resources of an answer (APIResourceList) that can be listed and watched. Entries that are malformed or
/// could not stand in a path are left out.
std::vector<ApiResource> read_resources(Json answer);

}  // namespace pifleet::k8s
