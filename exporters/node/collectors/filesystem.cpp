// Size and use of every mounted file system. The mounts are those of process 1, so that a container that sees
// the host's /proc shows the host's.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/mount_prober.hpp"
#include "exporters/node/collectors/mounts.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"

#include <cstring>
#include <map>
#include <set>
#include <tuple>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family size{"node_filesystem_size_bytes", Type::gauge, "Size of the file system."};
constexpr Family free_space{
    "node_filesystem_free_bytes", Type::gauge, "Free space, with what is reserved for root."};
constexpr Family available{"node_filesystem_avail_bytes", Type::gauge, "Free space that anybody may use."};
constexpr Family files{"node_filesystem_files", Type::gauge, "Files (inodes) that the file system can hold."};
constexpr Family files_free{
    "node_filesystem_files_free", Type::gauge, "Files (inodes) that may still be made."};
constexpr Family read_only{"node_filesystem_readonly", Type::gauge, "Whether it is mounted read-only."};
constexpr Family device_error{"node_filesystem_device_error",
                              Type::gauge,
                              "Whether the file system did not tell its size; the label says why."};
constexpr Family mount_info{"node_filesystem_mount_info", Type::gauge, "Which device is mounted where."};
// Only macOS can purge, but node_exporter shows the 0 on Linux too.
constexpr Family purgeable{
    "node_filesystem_purgeable_bytes", Type::gauge, "Space that could be freed; 0 on Linux."};

constexpr std::string_view points_include = "collector.filesystem.mount-points-include";
constexpr std::string_view points_exclude = "collector.filesystem.mount-points-exclude";
constexpr std::string_view types_include = "collector.filesystem.fs-types-include";
constexpr std::string_view types_exclude = "collector.filesystem.fs-types-exclude";
constexpr std::string_view timeout_flag = "collector.filesystem.mount-timeout";
constexpr std::string_view workers_flag = "collector.filesystem.stat-workers";
constexpr process::Flag flags[] = {
    {points_include, FlagKind::text, "", "Mount points to show (regular expression)."},
    {points_exclude,
     FlagKind::text,
     "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
     "Mount points to leave out (regular expression)."},
    {types_include, FlagKind::text, "", "Types of file systems to show (regular expression)."},
    {types_exclude,
     FlagKind::text,
     "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|"
     "nsfs|overlay|"
     "proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$",
     "Types of file systems to leave out (regular expression)."},
    {timeout_flag, FlagKind::text, "5s", "How long to wait for file systems that do not answer."},
    {workers_flag, FlagKind::text, "4", "Threads that may wait for file systems at once."},
};

struct Settings {
    DeviceFilter points, types;
    std::chrono::milliseconds timeout;
    unsigned workers;
};

Result<std::vector<Mount>> read_mounts(const Host& host) {
    auto path = host.proc("1/mountinfo");
    auto text = read_lines(path);
    if (!text && !read_file(path)) {  // hidden from us (hidepid, a sandbox)
        path = host.proc("self/mountinfo");
        text = read_lines(path);
    }
    if (!text) return text.error();
    return parse_mountinfo(path, *text);
}

// What the label device_error says: node_exporter's words where it has some.
std::string error_text(const Probe& probe) {
    switch (probe.state) {
        case Probe::State::answered:
            return {};
        case Probe::State::no_answer:
            return "mountpoint timeout";
        case Probe::State::not_asked:
            return "other mountpoints time out";
        case Probe::State::failed:
            break;
    }
    std::string text = std::strerror(probe.code);
    text.replace(0, 1, lower(text.substr(0, 1)));
    return text;
}

void add_mount(const Mount& mount, const Probe& probe, metrics::Page& page) {
    const auto device = valid_utf8(mount.device);
    const auto point = valid_utf8(mount.point);
    const auto type = valid_utf8(mount.type);
    const auto error = error_text(probe);
    const metrics::Label labels[] = {
        {"device", device}, {"device_error", error}, {"fstype", type}, {"mountpoint", point}};
    const bool answered = probe.state == Probe::State::answered;
    page.add(device_error, labels, answered ? 0 : 1);
    page.add(read_only, labels, mount.read_only ? 1 : 0);
    if (!answered) return;
    const auto block = static_cast<double>(probe.usage.f_bsize);
    page.add(size, labels, static_cast<double>(probe.usage.f_blocks) * block);
    page.add(free_space, labels, static_cast<double>(probe.usage.f_bfree) * block);
    page.add(available, labels, static_cast<double>(probe.usage.f_bavail) * block);
    page.add(files, labels, static_cast<double>(probe.usage.f_files));
    page.add(files_free, labels, static_cast<double>(probe.usage.f_ffree));
    page.add(purgeable, labels, 0);
    page.add(mount_info,
             {{"device", device}, {"major", mount.major}, {"minor", mount.minor}, {"mountpoint", point}},
             1);
}

class Filesystem final : public Collector {
  public:
    explicit Filesystem(Settings settings) : settings_(std::move(settings)), prober_(settings_.workers) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        auto mounts = read_mounts(host);
        if (!mounts) return mounts.error();
        const auto quick = answered_before(*mounts);
        for (auto& mount : *mounts) mount.point = strip_root(mount.point, host.rootfs);
        std::erase_if(*mounts, [this](const Mount& mount) {
            return !settings_.points.keeps(mount.point) || !settings_.types.keeps(mount.type);
        });
        const auto probes = probe(host, *mounts, quick);
        // A mount on top of another of the same device is one thing to look at.
        std::set<std::tuple<std::string_view, std::string_view, std::string_view>> seen;
        for (const auto& mount : *mounts)
            if (seen.emplace(mount.device, mount.point, mount.type).second)
                add_mount(mount, probes.at(mount.point), page);
        answered_.clear();
        for (const auto& mount : *mounts)
            if (probes.at(mount.point).state == Probe::State::answered)
                answered_.emplace(mount.id, mount.device);
        return {};
    }

  private:
    using MountKey = std::pair<std::string, std::string>;  // id and device

    // Those that answered at the last scrape and do so from memory.
    std::set<MountKey> answered_before(const std::vector<Mount>& mounts) const {
        std::set<MountKey> quick;
        for (const auto& mount : mounts)
            if (MountKey key(mount.id, mount.device);
                answered_.contains(key) && answers_from_memory(mounts, mount.point))
                quick.insert(std::move(key));
        return quick;
    }

    std::map<std::string_view, Probe> probe(const Host& host,
                                            const std::vector<Mount>& mounts,
                                            const std::set<MountKey>& quick) {
        const auto root = host.rootfs == "/" ? std::string() : host.rootfs;
        std::map<std::string_view, Probe> by_point;
        std::set<std::string_view> slow;
        for (const auto& mount : mounts)
            if (!quick.contains({mount.id, mount.device})) slow.insert(mount.point);
        for (const auto& mount : mounts)
            if (!slow.contains(mount.point) && !by_point.contains(mount.point))
                by_point.emplace(mount.point, prober_.ask_here(root + mount.point));
        std::vector<std::string> paths;
        for (const auto point : slow) paths.push_back(root + std::string(point));
        const auto probes = prober_.ask(paths, settings_.timeout);
        std::size_t at = 0;
        for (const auto point : slow) by_point.emplace(point, probes[at++]);
        return by_point;
    }

    Settings settings_;
    MountProber prober_;
    std::set<MountKey> answered_;
};

// "5s", "500ms", "1m": whole numbers with a unit are enough for a time limit.
Result<std::chrono::milliseconds> parse_timeout(std::string_view text) {
    constexpr std::pair<std::string_view, std::int64_t> units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}};
    for (const auto& [unit, milliseconds] : units) {
        if (!text.ends_with(unit)) continue;
        const auto count = to_unsigned(text.substr(0, text.size() - unit.size()));
        if (count && *count > 0 && *count <= 60'000)
            return std::chrono::milliseconds(static_cast<std::int64_t>(*count) * milliseconds);
    }
    return failure("--" + std::string(timeout_flag) + ": '" + std::string(text) +
                   "' is not a time such as 5s or 500ms");
}

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto points = DeviceFilter::from_flags(given, points_include, points_exclude);
    if (!points) return points.error();
    auto types = DeviceFilter::from_flags(given, types_include, types_exclude);
    if (!types) return types.error();
    const auto timeout = parse_timeout(given.text(timeout_flag));
    if (!timeout) return timeout.error();
    const auto workers = to_unsigned(given.text(workers_flag));
    if (!workers || *workers > 64)
        return failure("--" + std::string(workers_flag) + ": '" + given.text(workers_flag) +
                       "' is not a number up to 64");
    return std::make_unique<Filesystem>(
        Settings{std::move(*points), std::move(*types), *timeout, static_cast<unsigned>(*workers)});
}

}  // namespace

extern const CollectorKind filesystem_kind;
constinit const CollectorKind filesystem_kind{
    "filesystem", true, "size and use of file systems", flags, make};

}  // namespace pifleet::node
