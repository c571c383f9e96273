// The names that Prometheus had before it took UTF-8, which receivers of remote_write 1.0 and many others
// insist on: [a-zA-Z_:][a-zA-Z0-9_:]* of metrics, the same without colons of labels.
#pragma once

#include <string>
#include <string_view>

namespace pifleet::forwarder {

bool legacy_metric_name(std::string_view name);
bool legacy_label_name(std::string_view name);

/// The name with a _ for each character that is not legal: Prometheus's escaping scheme "underscores".
std::string underscored_metric_name(std::string_view name);
std::string underscored_label_name(std::string_view name);

}  // namespace pifleet::forwarder
