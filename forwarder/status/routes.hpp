// The forwarder's own HTTP: the page, its JSON, /metrics, health, reload. It reads snapshots and asks for a
// reload; it knows nothing of how either is made.
#pragma once

#include "common/base/result.hpp"
#include "common/http/server.hpp"
#include "forwarder/status/snapshot.hpp"

#include <functional>

namespace pifleet::forwarder::status {

struct Source {
    std::function<Snapshot()> snapshot;
    std::function<Result<void>()> reload;
};

/// GET /, /api/status, /metrics, /-/healthy, /-/ready; POST or PUT /-/reload.
http::Handler routes(Source source);

}  // namespace pifleet::forwarder::status
