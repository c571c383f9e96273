// Room and commits of btrfs file systems: /sys/fs/btrfs/UUID.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_btrfs_info", Type::gauge, "The file system and its label."};
constexpr Family reserved{"node_btrfs_reserved_bytes", Type::gauge, "Room set aside for writes under way."};
constexpr Family used{"node_btrfs_used_bytes", Type::gauge, "Room in use."};
constexpr Family size{"node_btrfs_size_bytes", Type::gauge, "Room allocated."};
constexpr Family ratio{
    "node_btrfs_allocation_ratio", Type::gauge, "Bytes on the disks for each byte of the file system."};
constexpr Family device_size{
    "node_btrfs_device_size_bytes", Type::gauge, "Size of a device of the file system."};
constexpr FileRow global_reserve[] = {
    {"global_rsv_size", {"node_btrfs_global_rsv_size_bytes", Type::gauge, "Size of the global reserve."}}};

struct CommitRow {
    std::string_view key;
    Family family;
    double divisor;
};
constexpr CommitRow commit_rows[] = {
    {"commits", {"node_btrfs_commits_total", Type::counter, "Commits."}, 1},
    {"last_commit_ms",
     {"node_btrfs_last_commit_seconds", Type::gauge, "How long the last commit took."},
     1000},
    {"max_commit_ms",
     {"node_btrfs_max_commit_seconds", Type::gauge, "How long the slowest commit took."},
     1000},
    {"total_commit_ms",
     {"node_btrfs_commit_seconds_total", Type::counter, "How long all commits took together."},
     1000},
};

constexpr std::string_view group_types[] = {"data", "metadata", "system"};
constexpr double sector = 512;

// What of a profile's room is for redundancy. With `devices` disks, one or two of each stripe are parity.
double ratio_of(std::string_view profile, std::size_t devices) {
    const auto count = static_cast<double>(devices);
    if (profile == "dup" || profile == "raid1" || profile == "raid10") return 2;
    if (profile == "raid1c3") return 3;
    if (profile == "raid1c4") return 4;
    if (profile == "raid5" && devices > 1) return count / (count - 1);
    if (profile == "raid6" && devices > 2) return count / (count - 2);
    return 1;  // single, raid0
}

Result<void> add_commits(const Host& host,
                         const std::string& path,
                         const metrics::Label& uuid,
                         metrics::Page& page) {
    const auto text = line_if_any(host, path);
    std::string_view rest = text;
    while (!rest.empty()) {
        auto line = next_line(rest);
        const auto key = next_word(line);
        const auto word = next_word(line);
        for (const auto& row : commit_rows) {
            if (row.key != key) continue;
            const auto value = to_unsigned(word);
            if (!value) return not_a_number(path, word);
            page.add(row.family, {&uuid, 1}, static_cast<double>(*value) / row.divisor);
        }
    }
    return {};
}

Result<void> add_group(const Host& host,
                       const std::string& folder,
                       std::string_view type,
                       std::size_t devices,
                       const metrics::Label& uuid,
                       metrics::Page& page) {
    Result<void> result;
    const metrics::Label group{"block_group_type", type};
    const metrics::Label labels[] = {group, uuid};
    const FileRow reserve[] = {{"bytes_reserved", reserved}};
    note(result, add_file_rows(host, folder, reserve, labels, page));
    const auto entries = list_folder(folder);
    if (!entries) return result;
    for (const auto& profile : *entries) {
        const auto inner = folder + "/" + profile;
        const auto total = read_unsigned(host, inner + "/total_bytes");
        if (!total) {  // no folder of a profile
            if (total.error().kind == Error::Kind::failure) note(result, total.error());
            continue;
        }
        const auto shown = valid_utf8(profile);
        const metrics::Label all[] = {group, {"mode", shown}, uuid};
        page.add(size, all, static_cast<double>(*total));
        page.add(ratio, all, ratio_of(profile, devices));
        const FileRow usage[] = {{"used_bytes", used}};
        note(result, add_file_rows(host, inner, usage, all, page));
    }
    return result;
}

class Btrfs final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("fs/btrfs");
        const auto names = list_folder(root);
        if (!names) return names.error().kind == Error::Kind::absent ? Result<void>() : names.error();
        Result<void> result;
        for (const auto& name : *names)
            if (name.find('-') != std::string::npos)  // not "features"
                note(result, add_file_system(host, root + "/" + name, valid_utf8(name), page));
        return result;
    }

    static Result<void> add_file_system(const Host& host,
                                        const std::string& folder,
                                        const std::string& name,
                                        metrics::Page& page) {
        const metrics::Label uuid{"uuid", name};
        Result<void> result;
        page.add(info, {{"label", valid_utf8(line_if_any(host, folder + "/label"))}, uuid}, 1);
        note(result, add_file_rows(host, folder + "/allocation", global_reserve, {&uuid, 1}, page));
        note(result, add_commits(host, folder + "/commit_stats", uuid, page));
        const auto devices = list_folder(folder + "/devices");
        const std::size_t count = devices ? devices->size() : 0;
        for (const auto type : group_types)
            note(result,
                 add_group(host, folder + "/allocation/" + std::string(type), type, count, uuid, page));
        for (std::size_t i = 0; i < count; ++i) {
            const auto sectors = read_unsigned(host, folder + "/devices/" + (*devices)[i] + "/size");
            if (sectors)
                page.add(device_size,
                         {{"device", valid_utf8((*devices)[i])}, uuid},
                         static_cast<double>(*sectors) * sector);
            else if (sectors.error().kind == Error::Kind::failure)
                note(result, sectors.error());
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind btrfs_kind;
constinit const CollectorKind btrfs_kind{
    "btrfs",
    true,
    "btrfs file systems",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Btrfs>();
    },
};

}  // namespace pifleet::node
