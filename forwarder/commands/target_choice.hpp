// Which targets of a configuration a user means by a word.
#pragma once

#include "forwarder/discovery/target.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// Whether the word is the target's job, its label instance, its host:port, or its URL with or without the
/// query.
bool is_meant(const Target& target, std::string_view word);

/// What there is instead of a word that means nothing: jobs and targets, the first ones.
std::string what_there_is(const Config& config, std::span<const Target> targets);

}  // namespace pifleet::forwarder
