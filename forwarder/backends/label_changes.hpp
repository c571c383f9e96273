// Labels for receivers of remote_write that make something of their own of what they get.
#pragma once

#include "forwarder/relabel/label_builder.hpp"
#include "forwarder/series/metadata.hpp"

#include <string_view>

namespace pifleet::forwarder {

/// New Relic takes a metric's type from the end of its name. Where the page says another type, this gives the
/// word for its label newrelic_metric_type, which it believes instead; empty: it guesses right.
std::string_view newrelic_type(std::string_view name, const FamilyMetadata* family);

/// Gnocchi keeps job, instance and the name alone, and series of one name overwrite each other: this moves
/// all other labels into the name. False: there are none.
bool fold_labels(LabelBuilder& labels);

}  // namespace pifleet::forwarder
