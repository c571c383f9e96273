// %-escapes as URLs and query strings have them. Private to common/http.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pifleet::http {

enum class Plus { literal, blank };  // what '+' stands for: itself in a URL, a blank in a query value

/// The text with its escapes resolved; nothing when one is broken ("%zz", "%4").
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::literal);

}  // namespace pifleet::http
