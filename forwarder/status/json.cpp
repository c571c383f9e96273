#include "forwarder/status/api_answer.hpp"
#include "forwarder/status/render.hpp"

namespace pifleet::forwarder::status {

namespace {

using api::Json;
using api::object;

Json target(const TargetRow& row) {
    return {{"job", row.job},
            {"instance", row.instance},
            {"url", row.url},
            {"labels", object(row.labels)},
            {"discovered", object(row.discovered)},
            {"health", row.health},
            {"time_ms", row.time_ms},
            {"seconds", row.seconds},
            {"interval_ms", row.interval_ms},
            {"samples", row.samples},
            {"series", row.series},
            {"scrapes", row.scrapes},
            {"failures", row.failures},
            {"duplicates", row.duplicates},
            {"disordered", row.disordered},
            {"error", row.error}};
}

Json discovery(const DiscoveryRow& row) {
    return {{"job", row.job},
            {"mechanism", row.mechanism},
            {"number", row.number},
            {"sources", row.sources},
            {"targets", row.targets},
            {"refreshes", row.refreshes},
            {"failures", row.failures},
            {"time_ms", row.time_ms},
            {"error", row.error}};
}

Json backend(const BackendRow& row) {
    Json dropped = Json::object();
    for (std::size_t i = 0; i < dropped_names.size(); ++i)
        dropped[std::string(dropped_names[i])] = row.dropped[i];
    Json left_out = Json::object();
    for (std::size_t i = 0; i < left_out_names.size(); ++i)
        left_out[std::string(left_out_names[i])] = row.left_out[i];
    return {{"name", row.name},
            {"url", row.url},
            {"state", row.state},
            {"sent", row.sent},
            {"dropped", dropped},
            {"left_out", left_out},
            {"series_set_aside", row.series_set_aside},
            {"lost", row.lost},
            {"waiting", row.waiting},
            {"requests", row.requests},
            {"failures", row.failures},
            {"bytes", row.bytes},
            {"delivered_ms", row.delivered_ms ? Json(*row.delivered_ms) : Json()},
            {"error", row.error},
            {"error_ms", row.error_ms}};
}

}  // namespace

std::string json(const Snapshot& snapshot) {
    Json discoveries = Json::array(), targets = Json::array(), dropped = Json::array(),
         backends = Json::array();
    for (const auto& row : snapshot.discoveries) discoveries.push_back(discovery(row));
    for (const auto& row : snapshot.targets) targets.push_back(target(row));
    for (const auto& row : snapshot.dropped_targets)
        dropped.push_back(Json{{"job", row.job}, {"discovered", object(row.discovered)}});
    for (const auto& row : snapshot.backends) backends.push_back(backend(row));
    Json pools = Json::array();
    for (const auto& row : snapshot.pools)
        pools.push_back(Json{{"name", row.name}, {"dropped", row.dropped}});
    const Json whole{{"version", snapshot.version},
                     {"revision", snapshot.revision},
                     {"host", snapshot.host},
                     {"now_ms", snapshot.now_ms},
                     {"started_ms", snapshot.started_ms},
                     {"config",
                      {{"file", snapshot.config_file},
                       {"good", snapshot.config_good},
                       {"error", snapshot.config_error},
                       {"loaded_ms", snapshot.config_loaded_ms}}},
                     {"clock",
                      {{"trusted", snapshot.clock.trusted},
                       {"trust", snapshot.clock.trust},
                       {"reason", snapshot.clock.reason},
                       {"held", snapshot.clock.held},
                       {"dropped", snapshot.clock.dropped}}},
                     {"series", snapshot.series},
                     {"queue",
                      {{"bytes", snapshot.queue_bytes},
                       {"cap_bytes", snapshot.queue_cap_bytes},
                       {"disk_bytes", snapshot.queue_disk_bytes},
                       {"disk_cap_bytes", snapshot.queue_disk_cap_bytes},
                       {"spilling", snapshot.queue_spilling},
                       {"durable", snapshot.queue_durable}}},
                     {"discoveries", discoveries},
                     {"pools", pools},
                     {"targets", targets},
                     {"dropped_targets", dropped},
                     {"dropped_targets_count", snapshot.dropped_targets_count},
                     {"backends", backends}};
    // What a target or a receiver said may be any bytes; JSON may not.
    return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pifleet::forwarder::status
