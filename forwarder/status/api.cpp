#include "forwarder/status/api.hpp"

#include "common/base/text.hpp"
#include "common/config/values.hpp"
#include "common/process/build_info.hpp"
#include "forwarder/status/api_answer.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace pifleet::forwarder::status::api {

namespace {

std::string utc(std::int64_t seconds, const char* format) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

// RFC 3339; what has not been is Go's zero time.
std::string time_text(std::int64_t time_ms) {
    if (time_ms <= 0) return "0001-01-01T00:00:00Z";
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(time_ms % 1000));
    return utc(time_ms / 1000, "%Y-%m-%dT%H:%M:%S") + fraction;
}

// Under this machine's name, for whoever looks from another one.
std::string global_url(const TargetRow& row, const std::string& host) {
    for (const std::string local : {"://localhost", "://127.0.0.1", "://[::1]"}) {
        const auto at = row.url.find(local);
        if (at == std::string::npos) continue;
        const auto end = at + local.size();
        if (end < row.url.size() && row.url[end] != ':' && row.url[end] != '/') continue;
        return row.url.substr(0, at) + "://" + host + row.url.substr(end);
    }
    return row.url;
}

Json active(const TargetRow& row, const std::string& host) {
    return {{"discoveredLabels", object(row.discovered)},
            {"labels", object(row.labels)},
            {"scrapePool", row.pool},
            {"scrapeUrl", row.url},
            {"globalUrl", global_url(row, host)},
            {"lastError", row.error},
            {"lastScrape", time_text(row.time_ms)},
            {"lastScrapeDuration", row.seconds},
            {"health", row.health},
            {"scrapeInterval", config::duration_text(config::Duration(row.interval_ms))},
            {"scrapeTimeout", config::duration_text(config::Duration(row.timeout_ms))}};
}

}  // namespace

http::Response targets(const http::Request& request, const Snapshot& snapshot) {
    const auto state = lower(parameter(request, "state"));
    const auto pool = parameter(request, "scrapePool");
    const bool all = state.empty() || state == "any";
    const auto wanted = [&pool](const std::string& name) { return pool.empty() || name == pool; };
    Json actives = Json::array(), dropped = Json::array(), counts;
    if (all || state == "active")
        for (const auto& row : snapshot.targets)
            if (wanted(row.pool)) actives.push_back(active(row, snapshot.host));
    if (all || state == "dropped") {
        counts = Json::object();
        for (const auto& row : snapshot.pools) counts[row.name] = row.dropped;
        for (const auto& row : snapshot.dropped_targets)
            if (wanted(row.job))
                dropped.push_back(
                    Json{{"discoveredLabels", object(row.discovered)}, {"scrapePool", row.job}});
    }
    return success(
        {{"activeTargets", actives}, {"droppedTargets", dropped}, {"droppedTargetCounts", counts}});
}

http::Response scrape_pools(const Snapshot& snapshot) {
    std::vector<std::string> names;
    for (const auto& row : snapshot.pools) names.push_back(row.name);
    std::sort(names.begin(), names.end());
    return success({{"scrapePools", names}});
}

http::Response config(const std::string& yaml) {
    return success({{"yaml", yaml}});
}

http::Response build_info() {
    const auto& info = process::build_info();
    return success({{"application", "pifleet-forwarder"},
                    {"version", info.version},
                    {"revision", info.revision},
                    {"branch", ""},
                    {"buildUser", ""},
                    {"buildDate", utc(info.time, "%Y%m%d-%H:%M:%S")},
                    {"goVersion", ""}});
}

}  // namespace pifleet::forwarder::status::api
