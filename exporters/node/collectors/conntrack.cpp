// How full netfilter's table of connections is, and what became of the packets that were looked up in it
// (/proc/net/stat/nf_conntrack: a row per CPU, hexadecimal, under a heading).
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family entries{"node_nf_conntrack_entries", Type::gauge, "Connections that are tracked now."};
constexpr Family limit{
    "node_nf_conntrack_entries_limit", Type::gauge, "Connections that can be tracked at once."};

struct Row {
    std::string_view column;
    Family family;
};

// Gauges, although they only ever grow: their type has always been that.
constexpr Row rows[] = {
    {"found", {"node_nf_conntrack_stat_found", Type::gauge, "Lookups that found their entry."}},
    {"invalid", {"node_nf_conntrack_stat_invalid", Type::gauge, "Packets that cannot be tracked."}},
    {"ignore", {"node_nf_conntrack_stat_ignore", Type::gauge, "Packets that already belonged to an entry."}},
    {"insert", {"node_nf_conntrack_stat_insert", Type::gauge, "Entries added."}},
    {"insert_failed",
     {"node_nf_conntrack_stat_insert_failed", Type::gauge, "Entries that could not be added."}},
    {"drop", {"node_nf_conntrack_stat_drop", Type::gauge, "Packets dropped because tracking them failed."}},
    {"early_drop", {"node_nf_conntrack_stat_early_drop", Type::gauge, "Entries thrown out of a full table."}},
    {"search_restart",
     {"node_nf_conntrack_stat_search_restart",
      Type::gauge,
      "Lookups begun anew because the table was resized."}},
};
constexpr std::size_t none = std::size(rows);

std::size_t row_of(std::string_view column) {
    std::size_t i = 0;
    while (i < none && rows[i].column != column) ++i;
    return i;
}

Result<void> add_statistics(const std::string& path, metrics::Page& page) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    LineReader lines(path, *text);
    lines.next();
    std::vector<std::size_t> columns;  // the row that each column is summed up in
    for (auto name = lines.word(); !name.empty(); name = lines.word()) columns.push_back(row_of(name));
    std::uint64_t sums[none + 1] = {};
    while (lines.next()) {
        for (const auto row : columns) {
            const auto value = lines.hex_number();
            if (!value) return value.error();
            sums[row] += *value;
        }
    }
    for (std::size_t i = 0; i < none; ++i) {
        if (std::find(columns.begin(), columns.end(), i) == columns.end())
            return failure(path + " has no column '" + std::string(rows[i].column) + "'");
        page.add(rows[i].family, static_cast<double>(sums[i]));
    }
    return {};
}

class Conntrack final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto count = read_unsigned(host.proc("sys/net/netfilter/nf_conntrack_count"));
        if (!count) return count.error();
        page.add(entries, static_cast<double>(*count));
        const auto most = read_unsigned(host.proc("sys/net/netfilter/nf_conntrack_max"));
        if (!most) return most.error();
        page.add(limit, static_cast<double>(*most));
        return add_statistics(host.proc("net/stat/nf_conntrack"), page);
    }
};

}  // namespace

extern const CollectorKind conntrack_kind;
constinit const CollectorKind conntrack_kind{
    "conntrack", true, "connections that netfilter tracks", {}, make_collector<Conntrack>};

}  // namespace pifleet::node
