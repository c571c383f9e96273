#include "exporters/k8s_state/custom/discovery.hpp"

#include <algorithm>
#include <set>

namespace pifleet::k8s {

namespace {

bool has_verb(Json resource, std::string_view verb) {
    for (const Json item : resource["verbs"].items())
        if (item.text() == verb) return true;
    return false;
}

std::vector<std::string> versions_of(std::string_view group, Json groups) {
    if (group.empty()) return {"v1"};  // the core has this one alone
    std::vector<std::string> out;
    for (const Json item : groups["groups"].items())
        if (item["name"].text() == group)
            for (const Json version : item["versions"].items())
                if (is_api_name(version["version"].text())) out.emplace_back(version["version"].text());
    return out;
}

}  // namespace

bool is_api_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-.";
    return !name.empty() && name.front() != '.' && name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string group_path(std::string_view group, std::string_view version) {
    const auto tail = std::string(version);
    return group.empty() ? "/api/" + tail : "/apis/" + std::string(group) + '/' + tail;
}

bool needs_groups(std::span<const CustomResourceConfig> configs) {
    return std::any_of(
        configs.begin(), configs.end(), [](const auto& config) { return config.version == "*"; });
}

std::vector<std::string> resource_paths(std::span<const CustomResourceConfig> configs, Json groups) {
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (const auto& config : configs) {
        const auto versions =
            config.version == "*" ? versions_of(config.group, groups) : std::vector{config.version};
        for (const auto& version : versions) {
            auto path = group_path(config.group, version);
            if (seen.insert(path).second) out.push_back(std::move(path));
        }
    }
    return out;
}

std::vector<ApiResource> read_resources(Json answer) {
    const auto name = answer["groupVersion"].text();
    const auto slash = name.find('/');
    const auto group = slash == std::string_view::npos ? "" : name.substr(0, slash);
    const auto version = slash == std::string_view::npos ? name : name.substr(slash + 1);
    std::vector<ApiResource> out;
    if (!is_api_name(version) || (!group.empty() && !is_api_name(group))) return out;
    for (const Json item : answer["resources"].items()) {
        const auto plural = item["name"].text(), kind = item["kind"].text();
        if (!is_api_name(plural) || kind.empty() || !has_verb(item, "list") || !has_verb(item, "watch"))
            continue;
        out.push_back({std::string(group),
                       std::string(version),
                       std::string(kind),
                       std::string(plural),
                       item["namespaced"].is_true()});
    }
    return out;
}

}  // namespace pifleet::k8s
