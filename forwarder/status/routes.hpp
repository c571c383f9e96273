// The forwarder's own HTTP: the page, its JSON, /metrics, health, reload. It reads snapshots and asks for a
// reload; it knows nothing of how either is made.
#pragma once

#include "common/base/result.hpp"
#include "common/http/server.hpp"
#include "forwarder/status/snapshot.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pifleet::forwarder::status {

struct Source {
    std::function<Snapshot()> snapshot;
    std::function<Result<void>()> reload;
    std::function<std::vector<TargetFamilies>()> families;
    std::function<std::string()> config;  // in use, in YAML without its secrets
};

/// GET /, /api/status, /metrics, /-/healthy, /-/ready; POST or PUT /-/reload; what api.hpp has below /api/v1.
http::Handler routes(Source source);

}  // namespace pifleet::forwarder::status
