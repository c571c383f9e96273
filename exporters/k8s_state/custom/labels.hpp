// The labels of a custom resource's samples: fixed texts, and texts read from the object.
#pragma once

#include "exporters/k8s_state/custom/path.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

/// By name, as they stand on the page.
using LabelTexts = std::map<std::string, std::string, std::less<>>;

/// `labelsFromPath`: names and where their texts stand. A name with a star copies a whole object: "*" under
/// its own keys, "pod_*" with pod_ before each; several that begin by a star go in the order of their names.
class LabelPaths {
  public:
    void add(std::string_view name, Path path);
    /// Those of `other` too; a name that both have becomes the other's.
    void add_all(const LabelPaths& other);

    /// Sets the labels that the object has; what has the name already is replaced, a single label goes before
    /// a copied one.
    void read(Json object, LabelTexts& into) const;

  private:
    std::map<std::string, Path, std::less<>> stars_, names_;
};

/// Characters that no label's name may have become underscores.
std::string legal_label(std::string_view name);
/// Whether it needs no such change.
bool is_legal_label(std::string_view name);

}  // namespace pifleet::k8s
