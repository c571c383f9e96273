// What the tables of all kinds share: families that every object has, and values as the API writes them.
#pragma once

#include "exporters/k8s_state/kind.hpp"

#include <optional>
#include <string_view>

namespace pifleet::k8s {

/// Seconds since 1970 of a timestamp as the API writes it (RFC 3339: "2026-11-22T12:21:46Z", with fractions
/// or an offset too); nothing when it is none.
std::optional<double> unix_seconds(std::string_view timestamp);

/// The value of a quantity ("100m", "1Gi", "1e3", a plain number): k8s.io/apimachinery's resource.Quantity.
/// Nothing when it is none.
std::optional<double> quantity(Json value);
/// The same as an integer, and in thousandths: what is left is rounded away from zero.
std::optional<double> whole_quantity(Json value);
std::optional<double> milli_quantity(Json value);

/// Adds the timestamp as a sample without labels of its own, when there is one.
void add_time(Samples& out, Json timestamp);
/// Adds the number, when there is one.
void add_number(Samples& out, Json number);

/// A sample of 1 with the entries of a map as labels: `prefix`_KEY, the key's characters made legal,
/// camelCase to snake_case; keys that become the same get _conflict1, _conflict2 … in the order of the keys.
/// `before`: labels that stand in front of them.
void add_map(Samples& out,
             std::string_view prefix,
             Json map,
             const LabelAllowList& allowed,
             metrics::Labels before = {});

// Families of every kind: kube_X_labels, kube_X_annotations, kube_X_created, …_deletion_timestamp,
// …_metadata_resource_version, …_metadata_generation, …_owner.
void render_labels(const Object& object, Samples& out);
void render_annotations(const Object& object, Samples& out);
void render_created(const Object& object, Samples& out);
void render_deletion_timestamp(const Object& object, Samples& out);
void render_resource_version(const Object& object, Samples& out);
void render_generation(const Object& object, Samples& out);
void render_owner(const Object& object, Samples& out);
/// kube_X_info and the like: 1.
void render_one(const Object& object, Samples& out);

/// A sample for each of true, false and unknown: 1 for the status that holds ("True", "False", "Unknown"),
/// else 0. `labels` come before condition's status.
void add_condition(Samples& out, metrics::Labels labels, std::string_view status);

}  // namespace pifleet::k8s
