// Prometheus's HTTP API as far as it is about targets and the configuration, for tools that ask it. What
// differs from Prometheus 3.5:
//   targets: in URLs no value of a query is shown and no password;
//   targets/metadata, metadata: a family of which several targets say different things has what was said
//     last; HELP beyond 1 KiB is cut; families without samples are left out; `limit` of targets/metadata is a
//     number of targets, as Prometheus documents it;
//   status/config: the file as it stands, without the defaults of what it leaves out.
#pragma once

#include "common/http/message.hpp"
#include "forwarder/status/snapshot.hpp"

#include <string>
#include <vector>

namespace pifleet::forwarder::status::api {

/// ?state=active|dropped|any, ?scrapePool=NAME.
http::Response targets(const http::Request& request, const Snapshot& snapshot);
http::Response scrape_pools(const Snapshot& snapshot);
/// ?match_target=SELECTOR, ?metric=NAME, ?limit=N.
http::Response targets_metadata(const http::Request& request, const std::vector<TargetFamilies>& targets);
/// ?metric=NAME, ?limit=N families, ?limit_per_metric=N.
http::Response metadata(const http::Request& request, const std::vector<TargetFamilies>& targets);
http::Response config(const std::string& yaml);
http::Response build_info();

}  // namespace pifleet::forwarder::status::api
