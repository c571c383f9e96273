// Environment variables within a value, as Prometheus 3 puts them into external_labels: Go's os.Expand.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// `text` with $NAME and ${NAME} replaced by what `value_of` gives for NAME; $$ is a dollar. A dollar before
/// anything else stays; "${}" and a "${" without an end are left out. $1, $* and their like ask for the names
/// "1" and "*".
std::string expand_variables(std::string_view text,
                             const std::function<std::string(const std::string& name)>& value_of);

}  // namespace pifleet::forwarder
