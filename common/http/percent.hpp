// %-escapes as URLs, query strings and forms have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pifleet::http {

enum class Plus { literal, blank };  // what '+' stands for: itself in a URL, a blank in a query value

/// The text with its escapes resolved; nothing when one is broken ("%zz", "%4").
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::literal);

/// The text with everything but letters, digits, -._~ and the characters `plain` as %XX: without `plain` fit
/// for a query or a form.
std::string percent_encode(std::string_view text, std::string_view plain = {});

}  // namespace pifleet::http
