// What the tests of resource kinds stand on: objects as a real API server listed them
// (tests/conformance/k8s), and the lines of an object.
#pragma once

#include "exporters/k8s_state/renderer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

/// A file of the folder tests/conformance/k8s.
std::string conformance_file(const std::string& name);
/// The captured objects of a kind, each as its JSON.
std::vector<std::string> captured_objects(const ResourceKind& kind);

/// Every family of the kind, with all labels and annotations.
RenderOptions everything(const ResourceKind& kind);
/// The families that are on without flags.
RenderOptions defaults(const ResourceKind& kind);

/// The lines of one family of the kind for this object: without the family's name, and without the labels
/// that all samples of the object have. The JSON may be written with ' for ".
std::vector<std::string> lines_of(std::string_view kind, std::string_view family, std::string_view json);

using Strings = std::vector<std::string>;

}  // namespace pifleet::k8s
