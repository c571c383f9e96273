// Names and values that line protocol cannot tell, whatever is escaped: a leading underscore is InfluxDB's
// own, `time` is a column of its own, a line cannot hold a line end, and a backslash before a special
// character, before another one or at the end is read in different ways by different systems.
#pragma once

#include "forwarder/backends/name_rules.hpp"

namespace pifleet::forwarder {

extern const NameRules influx_names;
/// The same of letters, digits and underscores only, for QuestDB and those who want no dots.
extern const NameRules influx_underscored;

}  // namespace pifleet::forwarder
