// Text that comes from elsewhere, on a page.
#pragma once

#include <string>
#include <string_view>

namespace pifleet::http {

/// As HTML shows it, between tags and in an attribute's quotes.
std::string html_escaped(std::string_view text);

}  // namespace pifleet::http
