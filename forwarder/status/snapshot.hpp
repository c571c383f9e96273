// What the page, its JSON and /metrics show: plain values at one moment. The status folder knows nothing else
// of the forwarder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pifleet::forwarder::status {

struct TargetRow {
    std::string pool;  // the job's name in the configuration; its label job may be another
    std::string job, instance;
    std::string url;                                                      // query values masked
    std::vector<std::pair<std::string, std::string>> labels, discovered;  // after and before relabeling;
                                                                          // secrets masked
    std::string_view health;                                              // "up", "down", "unknown"
    std::int64_t time_ms = 0;                                             // of the last scrape; 0: none yet
    double seconds = 0;                                                   // how long it took
    std::int64_t interval_ms = 0, timeout_ms = 0;
    std::uint64_t samples = 0, series = 0;  // on the last page; held
    std::uint64_t scrapes = 0, failures = 0, duplicates = 0, disordered = 0;
    std::string error;
};

/// A target that relabeling has dropped.
struct DroppedRow {
    std::string job;
    std::vector<std::pair<std::string, std::string>> discovered;
};

/// A job and how many of its targets relabeling has dropped.
struct PoolRow {
    std::string name;
    std::uint64_t dropped = 0;
};

/// A provider of targets: one entry of a job's static_configs, file_sd_configs and so on.
struct DiscoveryRow {
    std::string job;
    std::string_view mechanism;                 // "static", "file", "http", "dns"
    std::size_t number = 0;                     // among the job's of this mechanism
    std::uint64_t sources = 0, targets = 0;     // known at present
    std::uint64_t refreshes = 0, failures = 0;  // failures: refreshes in which some source failed
    std::int64_t time_ms = 0;                   // of the last refresh that went well; 0: none yet
    std::string error;                          // of the last refresh
};

/// What a target's page says of its families.
struct FamilyRow {
    std::string name, help, unit;
    std::string_view type;
};
struct TargetFamilies {
    std::vector<std::pair<std::string, std::string>> labels;  // the target's, after relabeling
    std::vector<FamilyRow> families;
};

/// Why a backend's refusal cost samples: it refused a batch, or a series by itself, or its size, or with
/// another status.
inline constexpr std::array<std::string_view, 4> dropped_names{
    "refused", "set_aside", "too_large", "other_status"};

/// Why samples were not sent although nobody refused them (backends/left_out.hpp).
inline constexpr std::array<std::string_view, 8> left_out_names{
    "rules", "too_old", "nan", "infinite", "stale", "unsupported", "delta_start", "collision"};
inline constexpr std::size_t left_out_collision = 7;

struct BackendRow {
    std::string name;
    std::string url;         // query values masked
    std::string_view state;  // "idle", "sending", "retrying", "denied", "isolating", "refusing"
    std::uint64_t sent = 0, lost = 0, waiting = 0;                // samples
    std::array<std::uint64_t, dropped_names.size()> dropped{};    // samples that it refused, by reason
    std::array<std::uint64_t, left_out_names.size()> left_out{};  // samples that were not sent, by reason
    std::uint64_t series_set_aside = 0;
    std::uint64_t requests = 0, failures = 0, bytes = 0;
    std::optional<std::int64_t> delivered_ms;
    std::string error;
    std::int64_t error_ms = 0;
};

struct ClockRow {
    bool trusted = true;
    std::string_view trust;               // "synchronised", "date", "kept", "taken", "unchecked", "none"
    std::string reason;                   // for that
    std::uint64_t held = 0, dropped = 0;  // samples: waiting for the clock; for which there was no room
};

struct Snapshot {
    std::string_view version, revision;
    std::string host;
    std::int64_t now_ms = 0, started_ms = 0;
    std::string config_file;
    bool config_good = true;   // the last reload took
    std::string config_error;  // why not
    std::int64_t config_loaded_ms = 0;
    ClockRow clock;
    std::uint64_t series = 0;                                      // in memory
    std::uint64_t queue_bytes = 0, queue_cap_bytes = 0;            // in memory
    std::uint64_t queue_disk_bytes = 0, queue_disk_cap_bytes = 0;  // in segment files
    bool queue_durable = false;                                    // there is a folder for it
    bool queue_spilling = false;                                   // and what comes is written to it
    std::vector<DiscoveryRow> discoveries;
    std::vector<PoolRow> pools;
    std::vector<TargetRow> targets;
    std::vector<DroppedRow> dropped_targets;  // as many as the configuration keeps
    std::uint64_t dropped_targets_count = 0;
    std::vector<BackendRow> backends;
};

}  // namespace pifleet::forwarder::status
