// Texts of JSON. What is no UTF-8 becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// Without the quotes around it.
void append_json_escaped(std::string& out, std::string_view text);
void append_json_text(std::string& out, std::string_view text);

}  // namespace pifleet::forwarder
