// Which formats a scrape asks for and how the answer is read.
#pragma once

#include "common/base/result.hpp"
#include "common/metrics/page.hpp"
#include "forwarder/config/scrape_protocols.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pifleet::forwarder {

/// The Accept header that Prometheus 3 sends for the same protocols, less the protobuf format, which is not
/// read here.
std::string accept_header(const ScrapeProtocols& protocols);

/// The format of a page with this Content-Type. One that is missing or unknown needs a fallback, as in
/// Prometheus 3; the error says what to set.
Result<metrics::Format> page_format(std::string_view content_type, std::optional<ScrapeProtocol> fallback);

}  // namespace pifleet::forwarder
