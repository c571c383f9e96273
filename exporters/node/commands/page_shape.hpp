// A page by what is on it: families, their types, their series.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/model.hpp"
#include "common/metrics/page.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace pifleet::node {

struct FamilyShape {
    metrics::Type type = metrics::Type::unknown;
    std::map<std::string, std::uint64_t> series;  // name{labels, sorted} and the value's bits
    std::set<std::string> label_sets;             // the names of a series' labels, sorted: "cpu,mode"
};
using PageShape = std::map<std::string, FamilyShape, std::less<>>;  // by the family's name

/// The error says the line that cannot be read.
Result<PageShape> shape_of(std::string_view page, metrics::Format format);

}  // namespace pifleet::node
