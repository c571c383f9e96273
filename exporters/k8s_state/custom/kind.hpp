// A custom resource as a kind like those of the registry, made at run time: its texts are its own, its rows
// lead to the configuration's metrics.
#pragma once

#include "exporters/k8s_state/custom/config.hpp"
#include "exporters/k8s_state/custom/discovery.hpp"
#include "exporters/k8s_state/kind.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pifleet::k8s {

/// A family of a custom resource; several metrics of the configuration may share its name.
struct CustomFamily {
    std::string name, help;
    std::vector<CustomMetric> metrics;
};

/// Stays where it is: rows, renderers and stores point into it.
class CustomKind {
  public:
    explicit CustomKind(const ApiResource& resource);
    CustomKind(const CustomKind&) = delete;
    CustomKind& operator=(const CustomKind&) = delete;

    const ResourceKind& kind() const { return kind_; }
    const ApiResource& resource() const { return resource_; }

    /// Before the first use only.
    void add(const CustomResourceConfig& config);

  private:
    CustomFamily& family(const std::string& name, const CustomMetricConfig& metric);

    ApiResource resource_;
    std::string path_;
    std::vector<std::unique_ptr<CustomFamily>> families_;
    std::vector<FamilyRow> rows_;
    ResourceKind kind_;
};

struct CustomKinds {
    std::vector<std::unique_ptr<CustomKind>> kinds;  // in the order of the configuration
    /// What the server has nothing of, to be said: "Foo of myteam.io/v1". It may come later.
    std::vector<std::string> missing;
};

/// A kind for every resource of the server that the configuration names; entries that meet in one (by "*")
/// share it.
CustomKinds make_custom_kinds(std::span<const CustomResourceConfig> configs,
                              std::span<const ApiResource> server);

}  // namespace pifleet::k8s
