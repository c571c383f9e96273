// Members of custom resources as numbers and as texts, the way kube-state-metrics reads and writes them.
#pragma once

#include "exporters/k8s_state/json.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::k8s {

/// Whether a member of this name is never looked at: kubectl's copy of the object that was applied may hold
/// the whole of a secret.
bool is_withheld(std::string_view key);

/// The members of an object that may be looked at.
std::vector<std::pair<std::string_view, Json>> shown_members(Json object);

/// A number; true and "yes" as 1, false, "no" and "unknown" as 0; a timestamp in seconds since 1970; a
/// quantity; "25%" as 0.25. Nothing when it is none of these.
std::optional<double> number_of(Json value);
std::optional<double> number_of(std::string_view text);

/// The value as a label's text: 43.21, true, [a b], map[key:value].
std::string text_of(Json value);

}  // namespace pifleet::k8s
