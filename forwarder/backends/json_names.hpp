// What the systems of json_systems.cpp ask of names and labels.
#pragma once

#include "forwarder/backends/name_rules.hpp"

namespace pifleet::forwarder {

extern const NameRules opentsdb_names, datadog_names, signalfx_names, splunk_names, newrelic_names;

}  // namespace pifleet::forwarder
