// Bodies packed by zstd (RFC 8878), for receivers that take it: VictoriaMetrics, Datadog.
#pragma once

#include <string>
#include <string_view>

namespace pifleet::forwarder {

std::string zstd_body(std::string_view body);

}  // namespace pifleet::forwarder
