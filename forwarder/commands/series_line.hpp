// A series as it stands on a page, whole: name{label="value",…}.
#pragma once

#include "forwarder/series/label_reader.hpp"

#include <string>

namespace pifleet::forwarder {

/// Names that text 0.0.4 could not have are quoted: {"a name","a label"="value"}.
void append_series(std::string& out, LabelReader labels);

}  // namespace pifleet::forwarder
