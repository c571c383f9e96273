// Counters of ZFS (/proc/spl/kstat/zfs): tables "name type data" of the whole module and of each pool's data
// sets, and what each pool does and how it is.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/field_metrics.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <algorithm>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr metrics::Family pool_state{
    "node_zfs_zpool_state", Type::gauge, "Whether the pool is in this state."};
constexpr std::string_view states[] = {
    "online", "degraded", "faulted", "offline", "removed", "unavail", "suspended"};

struct Table {
    std::string_view file, prefix;
};

constexpr Table tables[] = {
    {"abdstats", "node_zfs_abd_"},
    {"arcstats", "node_zfs_arc_"},
    {"dbufstats", "node_zfs_dbuf_"},
    {"dmu_tx", "node_zfs_dmu_tx_"},
    {"dnodestats", "node_zfs_dnode_"},
    {"fm", "node_zfs_fm_"},
    {"vdev_cache_stats", "node_zfs_vdev_cache_"},
    {"vdev_mirror_stats", "node_zfs_vdev_mirror_"},
    {"xuio_stats", "node_zfs_xuio_"},
    {"zfetchstats", "node_zfs_zfetch_"},
    {"zil", "node_zfs_zil_"},
};

// Types of a table's rows, as the kernel module numbers them.
constexpr std::string_view int64_type = "3", uint64_type = "4";

// A name with what a metric's name cannot have replaced.
std::string metric_part(std::string_view name) {
    std::string part(name);
    std::replace(part.begin(), part.end(), '-', '_');
    return part;
}

class Zfs final : public Collector {
  public:
    Zfs() {
        for (const auto& table : tables)
            of_tables_.emplace_back(
                std::string(table.prefix), Type::unknown, "Of ZFS's table " + std::string(table.file) + ": ");
    }

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.proc("spl/kstat/zfs");
        const auto names = list_folder(folder);
        if (!names) return names.error();
        Result<void> result;
        for (std::size_t i = 0; i < of_tables_.size(); ++i) {
            const auto added = add_table(folder + "/" + std::string(tables[i].file), {}, of_tables_[i], page);
            // Which tables there are depends on ZFS's version.
            if (!added && added.error().kind == Error::Kind::failure) note(result, added);
        }
        for (const auto& name : *names)
            if (const auto files = list_folder(folder + "/" + name))
                add_pool(folder, name, *files, result, page);
        return result;
    }

  private:
    void add_pool(const std::string& folder,
                  const std::string& name,
                  const std::vector<std::string>& files,
                  Result<void>& result,
                  metrics::Page& page) {
        const auto pool = valid_utf8(name);
        for (const auto& file : files) {
            const auto path = folder + "/" + name + "/" + file;
            if (file == "io") note(result, add_io(path, pool, page));
            if (file == "state") note(result, add_state(path, pool, page));
            if (file.starts_with("objset-")) note(result, add_table(path, pool, of_data_sets_, page));
        }
    }

    // With a pool: the table of one of its data sets, which names itself in a row "dataset_name".
    static Result<void> add_table(const std::string& path,
                                  std::string_view pool,
                                  FieldMetrics& metrics,
                                  metrics::Page& page) {
        const auto text = read_lines_if_any(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();  // numbers of the table itself
        if (!lines.next() || lines.word() != "name" || lines.word() != "type")
            return lines.error("not the heading 'name type data'");
        std::string data_set;
        while (lines.next()) {
            const auto name = lines.word();
            const auto type = lines.word();
            if (name == "dataset_name" && !pool.empty()) data_set = valid_utf8(trim(lines.line()));
            if (type != uint64_type && type != int64_type) continue;
            const auto& field = metrics[metric_part(name)];
            const auto value = to_double(lines.word());
            if (!field.valid || !value) return lines.error("not 'NAME TYPE NUMBER'");
            if (pool.empty())
                page.add(field.family, *value);
            else
                page.add(field.family, {{"dataset", data_set}, {"zpool", pool}}, *value);
        }
        return {};
    }

    // A line of names above a line of numbers. ZFS 2 no longer has it.
    Result<void> add_io(const std::string& path, std::string_view pool, metrics::Page& page) {
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();  // numbers of the table itself
        if (!lines.next()) return lines.error("no names");
        auto names = lines.line();
        if (!lines.next()) return lines.error("no numbers");
        for (auto name = next_word(names); !name.empty(); name = next_word(names)) {
            const auto value = lines.number();
            if (!value) return value.error();
            const auto& field = of_pools_[metric_part(name)];
            if (!field.valid) return lines.error("no field that a metric could be called after");
            page.add(field.family, {{"zpool", pool}}, static_cast<double>(*value));
        }
        return {};
    }

    static Result<void> add_state(const std::string& path, std::string_view pool, metrics::Page& page) {
        const auto line = read_line(path);
        if (!line) return line.error();
        const auto now = lower(*line);
        if (std::find(std::begin(states), std::end(states), now) == std::end(states))
            return failure(path + ": '" + valid_utf8(now) + "' is no state of a pool");
        for (const auto state : states)
            page.add(pool_state, {{"state", state}, {"zpool", pool}}, state == now ? 1 : 0);
        return {};
    }

    std::vector<FieldMetrics> of_tables_;
    FieldMetrics of_pools_{"node_zfs_zpool_", Type::unknown, "Of the pool: "};
    FieldMetrics of_data_sets_{"node_zfs_zpool_dataset_", Type::unknown, "Of the data set: "};
};

}  // namespace

extern const CollectorKind zfs_kind;
constinit const CollectorKind zfs_kind{"zfs", true, "counters of ZFS", {}, make_collector<Zfs>};

}  // namespace pifleet::node
