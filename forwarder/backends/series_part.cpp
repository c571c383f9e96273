#include "forwarder/backends/series_part.hpp"

namespace pifleet::forwarder {

namespace {

SeriesPart guessed(std::string_view name) {
    if (name.ends_with("_total")) return SeriesPart::counter;
    if (name.ends_with("_bucket")) return SeriesPart::bucket;
    if (name.ends_with("_count")) return SeriesPart::count;
    if (name.ends_with("_sum")) return SeriesPart::sum;
    return SeriesPart::gauge;
}

}  // namespace

SeriesPart series_part(std::string_view name, const FamilyMetadata* family) {
    using metrics::Type;
    if (family == nullptr || family->type == Type::unknown) return guessed(name);
    const auto suffix = name.size() > family->name.size() ? name.substr(family->name.size()) : "";
    const bool has_parts = family->type == Type::histogram || family->type == Type::summary;
    if (has_parts && suffix == "_sum") return SeriesPart::sum;
    if (has_parts && suffix == "_count") return SeriesPart::count;
    if (family->type == Type::histogram && suffix == "_bucket") return SeriesPart::bucket;
    if (family->type == Type::summary && suffix.empty()) return SeriesPart::quantile;
    const bool created = suffix.ends_with("_created");
    return family->type == Type::counter && !created ? SeriesPart::counter : SeriesPart::gauge;
}

std::string_view family_name(std::string_view name, SeriesPart part) {
    const auto without = [name](std::string_view suffix) {
        return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
    };
    if (part == SeriesPart::bucket) return without("_bucket");
    if (part == SeriesPart::sum) return without("_sum");
    if (part == SeriesPart::count) return without("_count");
    return name;
}

}  // namespace pifleet::forwarder
