// Two exporters' pages side by side.
#pragma once

#include "exporters/node/commands/page_shape.hpp"

#include <cstddef>
#include <string>

namespace pifleet::node {

struct Difference {
    std::string report;       // for a person
    std::size_t missing = 0;  // families and series of theirs that ours lacks, or has as another type
};

/// `before` and `after` are our pages from before and after theirs was read: a value that is the same on both
/// and another one on theirs differs by itself, not by the moment. Families about the exporters themselves
/// (go_*, process_*, promhttp_*, the build) are named and count for nothing.
Difference differ(const PageShape& theirs, const PageShape& before, const PageShape& after);

}  // namespace pifleet::node
