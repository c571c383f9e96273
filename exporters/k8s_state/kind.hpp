// What a resource kind is: where the API has it, and a table of its metric families. A kind is one file under
// resources/ that exports one ResourceKind, and one line in registry.cpp. The objects of a kind are rendered
// one by one, once per change. Kinds of custom resources are made at run time (custom/kind.hpp) and look the
// same.
#pragma once

#include "common/metrics/model.hpp"
#include "exporters/k8s_state/json.hpp"
#include "exporters/k8s_state/samples.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace pifleet::k8s {

class LabelAllowList;
struct CustomFamily;
struct FamilyRow;

/// An object while it is rendered. Views into its document.
struct Object {
    Json root, metadata, spec, status;
    std::string_view ns;  // its namespace; empty for what belongs to the cluster
    std::string_view name;
    std::string_view uid;
    /// Which of its labels and annotations may be shown; never null.
    const LabelAllowList* labels;
    const LabelAllowList* annotations;
    const FamilyRow* family;  // that is rendered now
};

struct FamilyRow {
    std::string_view name;
    metrics::Type type;
    std::string_view help;
    /// Adds the object's samples of this family. Whatever is missing or malformed in the object adds nothing;
    /// nothing throws.
    void (*render)(const Object& object, Samples& out);
    bool opt_in = false;                   // only with --metric-opt-in-list
    const CustomFamily* custom = nullptr;  // what `render` goes by in a family of a custom resource
};

/// How a list of this kind is asked for and what one of its objects looks like on the wire.
enum class Form : std::uint8_t {
    whole,
    /// Server-side table: cells, and the metadata of the object. Secrets: their values never leave the
    /// server.
    table,
};

struct ResourceKind {
    std::string_view name;   // as in --resources: "pods"
    std::string_view group;  // "/api/v1", "/apis/apps/v1"
    bool namespaced;
    bool enabled;  // by default
    /// Labels that begin every sample of Samples::add(), read from the object in this order: "namespace" is
    /// its namespace, "uid" its uid, any other its name. A single one is its name whatever it is called: a
    /// namespace is in none.
    std::span<const std::string_view> identity;
    std::span<const FamilyRow> families;  // in the page's order
    Form form = Form::whole;
};

}  // namespace pifleet::k8s
