// Keys of labels and annotations as names that a page may carry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pifleet::k8s {

/// "label", "app.kubernetes.io/partOf" → "label_app_kubernetes_io_part_of".
std::string label_name(std::string_view prefix, std::string_view key);

/// Names that stand there several times get _conflict1, _conflict2 …, in their order, leaving out what
/// another of the names already is.
void tell_apart(std::vector<std::string>& names);

}  // namespace pifleet::k8s
