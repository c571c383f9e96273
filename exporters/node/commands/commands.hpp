// What the exporter does instead of serving. Each gives the exit code.
#pragma once

#include "exporters/node/exporter.hpp"

#include <string>

namespace pifleet::node {

/// --once: one page to stdout. A collector that fails shows on the page and is no reason for an exit code.
int print_page(Exporter& exporter);

/// --list-collectors: a table of all of them: by default, now, and why one that is on tells nothing here.
int list_collectors(Exporter& exporter);

/// --compare URL: what the node_exporter at `url` tells that we do not, and the reverse. 0: nothing of theirs
/// is missing; 1: something is, or it could not be asked.
int compare(Exporter& exporter, const std::string& url);

}  // namespace pifleet::node
