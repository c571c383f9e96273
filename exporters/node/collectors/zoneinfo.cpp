// Pages of each memory zone: /proc/zoneinfo. The counters of a whole node stand in its first zone.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view key;
    Family family;
};

constexpr Row rows[] = {
    {"nr_free_pages", {"node_zoneinfo_nr_free_pages", Type::gauge, "Free pages."}},
    {"min", {"node_zoneinfo_min_pages", Type::gauge, "Below this the kernel frees pages at once."}},
    {"low", {"node_zoneinfo_low_pages", Type::gauge, "Below this the kernel frees pages in the background."}},
    {"high", {"node_zoneinfo_high_pages", Type::gauge, "Above this the kernel stops freeing pages."}},
    {"scanned", {"node_zoneinfo_scanned_pages", Type::gauge, "Pages looked at since pages were last freed."}},
    {"spanned", {"node_zoneinfo_spanned_pages", Type::gauge, "Pages of the zone with its holes."}},
    {"present", {"node_zoneinfo_present_pages", Type::gauge, "Pages that exist."}},
    {"managed", {"node_zoneinfo_managed_pages", Type::gauge, "Pages that are given out."}},
    {"nr_active_anon", {"node_zoneinfo_nr_active_anon_pages", Type::gauge, "Anonymous pages used lately."}},
    {"nr_inactive_anon",
     {"node_zoneinfo_nr_inactive_anon_pages", Type::gauge, "Anonymous pages not used lately."}},
    {"nr_isolated_anon",
     {"node_zoneinfo_nr_isolated_anon_pages", Type::gauge, "Anonymous pages set apart for the moment."}},
    {"nr_anon_pages", {"node_zoneinfo_nr_anon_pages", Type::gauge, "Anonymous pages."}},
    {"nr_anon_transparent_hugepages",
     {"node_zoneinfo_nr_anon_transparent_hugepages", Type::gauge, "Anonymous huge pages."}},
    {"nr_active_file", {"node_zoneinfo_nr_active_file_pages", Type::gauge, "Pages of files used lately."}},
    {"nr_inactive_file",
     {"node_zoneinfo_nr_inactive_file_pages", Type::gauge, "Pages of files not used lately."}},
    {"nr_isolated_file",
     {"node_zoneinfo_nr_isolated_file_pages", Type::gauge, "Pages of files set apart for the moment."}},
    {"nr_file_pages", {"node_zoneinfo_nr_file_pages", Type::gauge, "Pages of files."}},
    {"nr_slab_reclaimable",
     {"node_zoneinfo_nr_slab_reclaimable_pages",
      Type::gauge,
      "Pages of the kernel's objects that can be freed."}},
    {"nr_slab_unreclaimable",
     {"node_zoneinfo_nr_slab_unreclaimable_pages",
      Type::gauge,
      "Pages of the kernel's objects that cannot be freed."}},
    {"nr_mlock_stack", {"node_zoneinfo_nr_mlock_stack_pages", Type::gauge, "Locked pages."}},
    {"nr_kernel_stack", {"node_zoneinfo_nr_kernel_stacks", Type::gauge, "Kernel stacks."}},
    {"nr_mapped", {"node_zoneinfo_nr_mapped_pages", Type::gauge, "Pages mapped by processes."}},
    {"nr_dirty", {"node_zoneinfo_nr_dirty_pages", Type::gauge, "Pages that wait to be written."}},
    {"nr_writeback", {"node_zoneinfo_nr_writeback_pages", Type::gauge, "Pages being written."}},
    {"nr_unevictable", {"node_zoneinfo_nr_unevictable_pages", Type::gauge, "Pages that cannot be freed."}},
    {"nr_shmem", {"node_zoneinfo_nr_shmem_pages", Type::gauge, "Shared pages."}},
    {"nr_dirtied", {"node_zoneinfo_nr_dirtied_total", Type::counter, "Pages that got dirty."}},
    {"nr_written", {"node_zoneinfo_nr_written_total", Type::counter, "Pages that were written."}},
    {"numa_hit",
     {"node_zoneinfo_numa_hit_total", Type::counter, "Pages given out on the node that was wanted."}},
    {"numa_miss",
     {"node_zoneinfo_numa_miss_total", Type::counter, "Pages given out on another node than was wanted."}},
    {"numa_foreign",
     {"node_zoneinfo_numa_foreign_total", Type::counter, "Pages wanted here and given out elsewhere."}},
    {"numa_interleave",
     {"node_zoneinfo_numa_interleave_total",
      Type::counter,
      "Pages given out here because pages are spread."}},
    {"numa_local",
     {"node_zoneinfo_numa_local_total", Type::counter, "Pages given out to processes of this node."}},
    {"numa_other",
     {"node_zoneinfo_numa_other_total", Type::counter, "Pages given out to processes of other nodes."}},
};

struct Zone {
    std::string_view node, name;
};

class Zoneinfo final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("zoneinfo");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        Zone zone;
        while (lines.next()) {
            const auto key = lines.word();
            if (key == "Node") {
                zone.node = lines.word();
                const bool zone_word = lines.word() == "zone";
                zone.name = lines.word();
                if (!zone.node.ends_with(',') || !zone_word) return lines.error("not 'Node N, zone NAME'");
                zone.node.remove_suffix(1);
            } else if (zone.name.empty()) {
                return lines.error("not 'Node N, zone NAME'");
            } else if (auto added = add_line(lines, key, zone, page); !added) {
                return added;
            }
        }
        return {};
    }

    Result<void> add_line(LineReader& lines, std::string_view key, const Zone& zone, metrics::Page& page) {
        const metrics::Label labels[] = {{"node", zone.node}, {"zone", zone.name}};
        if (key == "protection:") return add_protection(lines, labels, page);
        const auto* const row = std::find_if(
            std::begin(rows), std::end(rows), [key](const Row& each) { return each.key == key; });
        if (row == std::end(rows)) return {};
        const auto value = lines.number();
        if (!value) return value.error();
        page.add(row->family, labels, static_cast<double>(*value));
        return {};
    }

    // "(0, 3019, 10443)"
    Result<void> add_protection(LineReader& lines, metrics::Labels labels, metrics::Page& page) {
        auto list = trim(lines.line());
        if (list.size() < 2 || list.front() != '(' || list.back() != ')')
            return lines.error("not '(NUMBERS)'");
        list = list.substr(1, list.size() - 2);
        int place = 0;
        for (const auto text : split(list, ',')) {
            const auto value = to_unsigned(trim(text));
            if (!value) return lines.error("not '(NUMBERS)'");
            page.add(protection_[std::to_string(place++)].family, labels, static_cast<double>(*value));
        }
        return {};
    }

    FieldMetrics protection_{"node_zoneinfo_protection_", Type::gauge, "Pages kept from zone "};
};

}  // namespace

extern const CollectorKind zoneinfo_kind;
constinit const CollectorKind zoneinfo_kind{
    "zoneinfo", false, "pages of each memory zone", {}, make_collector<Zoneinfo>};

}  // namespace pifleet::node
