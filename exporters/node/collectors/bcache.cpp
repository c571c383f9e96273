// Disk caches of /sys/fs/bcache. Most of its files say amounts for people ("1.3k", of 1024 bytes), so the
// series are as coarse as that.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <cmath>
#include <optional>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view file;
    Family family;
    double scale = 1;
};

constexpr Row set_rows[] = {
    {"average_key_size",
     {"node_bcache_average_key_size_sectors", Type::gauge, "Data for each key of the btree, in sectors."}},
    {"btree_cache_size",
     {"node_bcache_btree_cache_size_bytes", Type::gauge, "Memory that caches the btree."}},
    {"cache_available_percent",
     {"node_bcache_cache_available_percent",
      Type::gauge,
      "How much of the cache is free of data to be written."}},
    {"congested", {"node_bcache_congested", Type::gauge, "How congested the cache is."}},
    {"root_usage_percent",
     {"node_bcache_root_usage_percent",
      Type::gauge,
      "How full the btree's root is; when it is, the tree grows."}},
    {"tree_depth", {"node_bcache_tree_depth", Type::gauge, "How deep the btree is."}},
    {"internal/active_journal_entries",
     {"node_bcache_active_journal_entries", Type::gauge, "Journal entries that are newer than the index."}},
    {"internal/btree_nodes", {"node_bcache_btree_nodes", Type::gauge, "Nodes of the btree."}},
    {"internal/btree_read_average_duration_us",
     {"node_bcache_btree_read_average_duration_seconds",
      Type::gauge,
      "How long reading the btree takes, on average. A thousandth of it, as node_exporter shows it."},
     1e-9},
    {"internal/cache_read_races",
     {"node_bcache_cache_read_races_total", Type::counter, "Reads whose bucket was used anew meanwhile."}},
};

constexpr Row backing_rows[] = {
    {"dirty_data", {"node_bcache_dirty_data_bytes", Type::gauge, "Data in the cache that is to be written."}},
    {"stats_total/bypassed",
     {"node_bcache_bypassed_bytes_total", Type::counter, "Data that went past the cache."}},
    {"stats_total/cache_hits",
     {"node_bcache_cache_hits_total", Type::counter, "Reads and writes found in the cache."}},
    {"stats_total/cache_misses",
     {"node_bcache_cache_misses_total", Type::counter, "Reads and writes not found in the cache."}},
    {"stats_total/cache_bypass_hits",
     {"node_bcache_cache_bypass_hits_total",
      Type::counter,
      "Found in the cache though meant to go past it."}},
    {"stats_total/cache_bypass_misses",
     {"node_bcache_cache_bypass_misses_total", Type::counter, "Not in the cache and meant to go past it."}},
    {"stats_total/cache_miss_collisions",
     {"node_bcache_cache_miss_collisions_total",
      Type::counter,
      "Reads into the cache that a write overtook."}},
    {"stats_total/cache_readaheads", {"node_bcache_cache_readaheads_total", Type::counter, "Reads ahead."}},
};

constexpr Row writeback_rows[] = {
    // the file is the word before the colon
    {"rate", {"node_bcache_writeback_rate", Type::gauge, "Bytes a second that are written back."}},
    {"target", {"node_bcache_dirty_target_bytes", Type::gauge, "How much data to be written is aimed at."}},
    {"proportional",
     {"node_bcache_writeback_rate_proportional_term",
      Type::gauge,
      "The controller's part for how far off it is."}},
    {"integral",
     {"node_bcache_writeback_rate_integral_term",
      Type::gauge,
      "The controller's part for how long it was off."}},
    {"change", {"node_bcache_writeback_change", Type::gauge, "How the rate was changed last."}},
};

constexpr Row cache_rows[] = {
    {"io_errors",
     {"node_bcache_io_errors", Type::gauge, "Errors of the cache's disk, old ones counting less."}},
    {"metadata_written",
     {"node_bcache_metadata_written_bytes_total",
      Type::counter,
      "Bytes of index and the like written to the cache."}},
    {"written", {"node_bcache_written_bytes_total", Type::counter, "Bytes of data written to the cache."}},
};

constexpr Row priority_rows[] = {
    {"Unused",
     {"node_bcache_priority_stats_unused_percent", Type::gauge, "How much of the cache holds no data."}},
    {"Metadata",
     {"node_bcache_priority_stats_metadata_percent", Type::gauge, "How much of the cache is index."}},
};

constexpr std::string_view priority_flag = "collector.bcache.priorityStats";
constexpr process::Flag flags[] = {
    {priority_flag, process::FlagKind::on_off, "false", "Also show priority stats, which are slow to read."},
};

// "20.5G", as the kernel's bch_hprint writes: 1024ths of the unit stand behind the point as tenths of 102.4.
std::optional<double> parse_amount(std::string_view text) {
    constexpr std::string_view units = "kMGTPEZY";
    double unit = 1;
    if (!text.empty()) {
        const auto power = units.find(text.back());
        if (power != std::string_view::npos) {
            unit = std::pow(1024.0, static_cast<double>(power + 1));
            text.remove_suffix(1);
        }
    }
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = to_unsigned(text.substr(0, point));
    std::optional<std::uint64_t> tenths = 0;
    if (point != std::string_view::npos) tenths = to_unsigned(text.substr(point + 1));
    if (!whole || !tenths) return std::nullopt;
    const double amount =
        std::trunc((static_cast<double>(*whole) + static_cast<double>(*tenths) / 10.24) * unit);
    return negative ? -amount : amount;
}

Result<void> add_files(const Host& host,
                       const std::string& folder,
                       std::span<const Row> rows,
                       metrics::Labels labels,
                       metrics::Page& page) {
    Result<void> result;
    for (const auto& row : rows) {
        const auto path = folder + "/" + std::string(row.file);
        const auto text = read_kept_line(host, path);
        if (!text) continue;
        if (const auto value = parse_amount(*text))
            page.add(row.family, labels, *value * row.scale);
        else
            note(result, not_a_number(path, *text));
    }
    return result;
}

// Lines "rate:		1.1M/sec" or "Unused:		99%".
Result<void> add_lines(const Host& host,
                       const std::string& path,
                       std::span<const Row> rows,
                       metrics::Labels labels,
                       metrics::Page& page) {
    const auto text = line_if_any(host, path);
    Result<void> result;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto line = next_line(rest);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        for (const auto& row : rows) {
            if (line.substr(0, colon) != row.file) continue;
            auto word = trim(line.substr(colon + 1));
            for (const std::string_view ending : {"/sec", "%"})
                if (word.ends_with(ending)) word.remove_suffix(ending.size());
            if (const auto value = parse_amount(word))
                page.add(row.family, labels, *value);
            else
                note(result, not_a_number(path, word));
        }
    }
    return result;
}

class Bcache final : public Collector {
  public:
    explicit Bcache(bool with_priority) : with_priority_(with_priority) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("fs/bcache");
        const auto names = list_folder(root);
        if (!names) return names.error().kind == Error::Kind::absent ? Result<void>() : names.error();
        Result<void> result;
        for (const auto& name : *names)
            if (name.find('-') != std::string::npos)  // not "register" and the like
                note(result, add_set(host, root + "/" + name, valid_utf8(name), page));
        return result;
    }

  private:
    Result<void> add_set(const Host& host,
                         const std::string& folder,
                         const std::string& name,
                         metrics::Page& page) const {
        const metrics::Label uuid{"uuid", name};
        auto result = add_files(host, folder, set_rows, {&uuid, 1}, page);
        for (const auto& device : numbered_entries(folder, "bdev")) {
            const metrics::Label labels[] = {{"backing_device", device}, uuid};
            note(result, add_files(host, folder + "/" + device, backing_rows, labels, page));
            note(result,
                 add_lines(
                     host, folder + "/" + device + "/writeback_rate_debug", writeback_rows, labels, page));
        }
        for (const auto& device : numbered_entries(folder, "cache")) {
            const metrics::Label labels[] = {{"cache_device", device}, uuid};
            note(result, add_files(host, folder + "/" + device, cache_rows, labels, page));
            if (with_priority_)
                note(result,
                     add_lines(host, folder + "/" + device + "/priority_stats", priority_rows, labels, page));
        }
        return result;
    }

    bool with_priority_;
};

}  // namespace

extern const CollectorKind bcache_kind;
constinit const CollectorKind bcache_kind{
    "bcache",
    true,
    "bcache disk caches",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Bcache>(given.on(priority_flag));
    },
};

}  // namespace pifleet::node
