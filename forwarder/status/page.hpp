// The page itself, compiled in from page.html.
#pragma once

#include <string_view>

namespace pifleet::forwarder::status {

std::string_view page_html();

}  // namespace pifleet::forwarder::status
