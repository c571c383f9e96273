// What a series is within its family: a counter, a gauge, a part of a histogram or of a summary. From the
// TYPE that its page gives; where no page has said anything yet (just after a start), from the name's end.
#pragma once

#include "forwarder/series/metadata.hpp"

#include <string_view>

namespace pifleet::forwarder {

enum class SeriesPart { gauge, counter, bucket, sum, count, quantile };

/// `family`: what pages say of the series of this name, or nullptr.
SeriesPart series_part(std::string_view name, const FamilyMetadata* family);

/// Whether its values only go up, until it begins anew.
constexpr bool is_cumulative(SeriesPart part) {
    return part != SeriesPart::gauge && part != SeriesPart::quantile;
}

/// The part of the family's name that all its series share: without _bucket, _sum or _count.
std::string_view family_name(std::string_view name, SeriesPart part);

}  // namespace pifleet::forwarder
