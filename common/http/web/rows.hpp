// The parts of the web configuration that have a file of their own. Private to common/http/web.
#pragma once

#include "common/config/tree.hpp"
#include "common/http/web/config.hpp"

#include <string>

namespace pifleet::http::web {

/// tls_server_config; relative paths start from `folder`. Files are not looked at.
void read_tls(const config::Node& node,
              const std::string& folder,
              TlsServerOptions& into,
              config::Faults& faults);

/// rate_limit.
void read_rate(const config::Node& node, RateLimit& into, config::Faults& faults);

}  // namespace pifleet::http::web
