// Counters of XFS file systems: /sys/fs/xfs/DEVICE/stats/stats, lines of a name and its numbers. What the
// columns mean: the kernel's xfs_stats.h.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <array>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

struct Row {
    std::string_view line;
    std::size_t column;
    Family family;
};

constexpr Family counter(std::string_view name, std::string_view help) {
    return {name, Type::counter, help};
}

constexpr Row rows[] = {
    {"extent_alloc", 0, counter("node_xfs_extent_allocation_extents_allocated_total", "Extents allocated.")},
    {"extent_alloc", 1, counter("node_xfs_extent_allocation_blocks_allocated_total", "Blocks allocated.")},
    {"extent_alloc", 2, counter("node_xfs_extent_allocation_extents_freed_total", "Extents freed.")},
    {"extent_alloc", 3, counter("node_xfs_extent_allocation_blocks_freed_total", "Blocks freed.")},
    {"abt", 0, counter("node_xfs_allocation_btree_lookups_total", "Lookups in the allocation trees.")},
    {"abt", 1, counter("node_xfs_allocation_btree_compares_total", "Compares in the allocation trees.")},
    {"abt",
     2,
     counter("node_xfs_allocation_btree_records_inserted_total", "Records put into the allocation trees.")},
    {"abt",
     3,
     counter("node_xfs_allocation_btree_records_deleted_total", "Records taken from the allocation trees.")},
    {"blk_map", 0, counter("node_xfs_block_mapping_reads_total", "Blocks looked up for reading.")},
    {"blk_map", 1, counter("node_xfs_block_mapping_writes_total", "Blocks looked up for writing.")},
    {"blk_map", 2, counter("node_xfs_block_mapping_unmaps_total", "Blocks given back.")},
    {"blk_map",
     3,
     counter("node_xfs_block_mapping_extent_list_insertions_total", "Extents put into extent lists.")},
    {"blk_map",
     4,
     counter("node_xfs_block_mapping_extent_list_deletions_total", "Extents taken from extent lists.")},
    {"blk_map", 5, counter("node_xfs_block_mapping_extent_list_lookups_total", "Lookups in extent lists.")},
    {"blk_map", 6, counter("node_xfs_block_mapping_extent_list_compares_total", "Compares in extent lists.")},
    {"bmbt", 0, counter("node_xfs_block_map_btree_lookups_total", "Lookups in the block map trees.")},
    {"bmbt", 1, counter("node_xfs_block_map_btree_compares_total", "Compares in the block map trees.")},
    {"bmbt",
     2,
     counter("node_xfs_block_map_btree_records_inserted_total", "Records put into the block map trees.")},
    {"bmbt",
     3,
     counter("node_xfs_block_map_btree_records_deleted_total", "Records taken from the block map trees.")},
    {"dir", 0, counter("node_xfs_directory_operation_lookup_total", "Names looked up that were not cached.")},
    {"dir", 1, counter("node_xfs_directory_operation_create_total", "Directory entries made.")},
    {"dir", 2, counter("node_xfs_directory_operation_remove_total", "Directory entries removed.")},
    {"dir", 3, counter("node_xfs_directory_operation_getdents_total", "Directories listed.")},
    {"ig", 0, counter("node_xfs_inode_operation_attempts_total", "Inodes looked for in the cache.")},
    {"ig", 1, counter("node_xfs_inode_operation_found_total", "Inodes found in the cache.")},
    {"ig",
     2,
     counter("node_xfs_inode_operation_recycled_total", "Inodes that were found but on their way out.")},
    {"ig", 3, counter("node_xfs_inode_operation_missed_total", "Inodes not found in the cache.")},
    {"ig", 4, counter("node_xfs_inode_operation_duplicates_total", "Inodes that another task cached first.")},
    {"ig", 5, counter("node_xfs_inode_operation_reclaims_total", "Inodes taken out of the cache.")},
    {"ig",
     6,
     counter("node_xfs_inode_operation_attribute_changes_total",
             "Times that an inode's attributes changed.")},
    {"rw", 0, counter("node_xfs_write_calls_total", "write(2) on files.")},
    {"rw", 1, counter("node_xfs_read_calls_total", "read(2) on files.")},
    {"vnodes", 0, counter("node_xfs_vnode_active_total", "Vnodes that are not on a free list.")},
    {"vnodes", 1, counter("node_xfs_vnode_allocate_total", "Vnodes allocated.")},
    {"vnodes", 2, counter("node_xfs_vnode_get_total", "Vnodes taken.")},
    {"vnodes", 3, counter("node_xfs_vnode_hold_total", "Vnodes held.")},
    {"vnodes", 4, counter("node_xfs_vnode_release_total", "Vnodes let go.")},
    {"vnodes", 5, counter("node_xfs_vnode_reclaim_total", "Vnodes reclaimed.")},
    {"vnodes", 6, counter("node_xfs_vnode_remove_total", "Vnodes removed.")},
};

Result<void> add_device(const std::string& path, const std::string& device, metrics::Page& page) {
    const auto text = read_lines_if_any(path);
    if (!text) return text.error();
    std::array<bool, std::size(rows)> seen{};
    LineReader lines(path, *text);
    while (lines.next()) {
        const auto name = lines.word();
        std::size_t column = 0;
        for (std::size_t i = 0; i < std::size(rows); ++i) {
            if (rows[i].line != name || seen[i]) continue;
            Result<std::uint64_t> value = std::uint64_t{0};
            for (; column <= rows[i].column; ++column)
                if (value = lines.number(); !value) return value.error();
            seen[i] = true;
            page.add(rows[i].family, {{"device", device}}, static_cast<double>(*value));
        }
    }
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (!seen[i]) return failure(path + " has no line '" + std::string(rows[i].line) + "'");
    return {};
}

class Xfs final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.sys("fs/xfs");
        const auto devices = list_folder(folder);
        Result<void> result;
        if (!devices) return result;
        for (const auto& device : *devices) {
            const auto added = add_device(folder + "/" + device + "/stats/stats", valid_utf8(device), page);
            // The folder has other things besides devices.
            if (!added && added.error().kind == Error::Kind::failure) note(result, added);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind xfs_kind;
constinit const CollectorKind xfs_kind{"xfs", true, "counters of XFS file systems", {}, make_collector<Xfs>};

}  // namespace pifleet::node
