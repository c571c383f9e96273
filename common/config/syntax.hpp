// What is wrong with a text before and while yaml-cpp reads it, in words for its author.
#pragma once

#include "common/config/tree.hpp"

#include <string>
#include <string_view>

namespace pifleet::config {

/// Whether `text` is fit to be read: UTF-8 without control characters. yaml-cpp takes some of them for its
/// own marks (0x04 ends the file without a word) and lets invalid UTF-8 pass.
bool check_characters(std::string_view text, Faults& faults);

/// Whether the scalar that `text` begins with ends in its closing quote; true for one that has no quotes.
/// Anchors and tags may stand in front.
bool quote_is_closed(std::string_view text);

/// The message for a syntax error of yaml-cpp's at a place of `text`: what it mostly means, then its own
/// words.
std::string syntax_fault(std::string_view text, Place place, std::string_view theirs);

}  // namespace pifleet::config
