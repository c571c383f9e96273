// Counters of /proc/diskstats, and what udev knows of each disk (/run/udev/data/bMAJOR:MINOR).
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <array>
#include <set>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr double sector = 512;  // the kernel counts these, whatever the disk's own sectors are
constexpr double millisecond = 0.001;

struct Column {
    Family family;
    double unit;
};

// In the order of the file, behind the device's name (kernel: Documentation/admin-guide/iostats.rst).
constexpr Column columns[] = {
    {{"node_disk_reads_completed_total", Type::counter, "Reads that completed."}, 1},
    {{"node_disk_reads_merged_total", Type::counter, "Reads that were joined with a neighbour."}, 1},
    {{"node_disk_read_bytes_total", Type::counter, "Bytes read."}, sector},
    {{"node_disk_read_time_seconds_total", Type::counter, "Time that all reads took together."}, millisecond},
    {{"node_disk_writes_completed_total", Type::counter, "Writes that completed."}, 1},
    {{"node_disk_writes_merged_total", Type::counter, "Writes that were joined with a neighbour."}, 1},
    {{"node_disk_written_bytes_total", Type::counter, "Bytes written."}, sector},
    {{"node_disk_write_time_seconds_total", Type::counter, "Time that all writes took together."},
     millisecond},
    {{"node_disk_io_now", Type::gauge, "Requests under way."}, 1},
    {{"node_disk_io_time_seconds_total", Type::counter, "Time during which the disk was busy."}, millisecond},
    {{"node_disk_io_time_weighted_seconds_total", Type::counter, "Time busy, times the requests waiting."},
     millisecond},
    {{"node_disk_discards_completed_total", Type::counter, "Discards that completed."}, 1},
    {{"node_disk_discards_merged_total", Type::counter, "Discards that were joined with a neighbour."}, 1},
    {{"node_disk_discarded_sectors_total", Type::counter, "Sectors of 512 bytes discarded."}, 1},
    {{"node_disk_discard_time_seconds_total", Type::counter, "Time that all discards took together."},
     millisecond},
    {{"node_disk_flush_requests_total", Type::counter, "Flushes that completed."}, 1},
    {{"node_disk_flush_requests_time_seconds_total", Type::counter, "Time that all flushes took together."},
     millisecond},
};
constexpr std::size_t oldest = 11;    // kernels before 4.18 stop here
constexpr std::size_t discards = 15;  // kernels before 5.5 stop here

constexpr Family info{"node_disk_info", Type::gauge, "What the disk is."};
constexpr Family filesystem_info{
    "node_disk_filesystem_info", Type::gauge, "What file system is on the device."};
constexpr Family mapper_info{
    "node_disk_device_mapper_info", Type::gauge, "What the device mapper calls the device."};

struct AtaAttribute {
    std::string_view property;
    Family family;
};
constexpr AtaAttribute ata_attributes[] = {
    {"ID_ATA_WRITE_CACHE", {"node_disk_ata_write_cache", Type::gauge, "Whether the disk has a write cache."}},
    {"ID_ATA_WRITE_CACHE_ENABLED",
     {"node_disk_ata_write_cache_enabled", Type::gauge, "Whether the disk's write cache is on."}},
    {"ID_ATA_ROTATION_RATE_RPM",
     {"node_disk_ata_rotation_rate_rpm", Type::gauge, "Turns a minute; 0 for a disk that does not turn."}},
};

constexpr std::string_view include_flag = "collector.diskstats.device-include";
constexpr std::string_view exclude_flag = "collector.diskstats.device-exclude";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Disks to show (regular expression)."},
    {exclude_flag,
     FlagKind::text,
     // node_exporter's, with the partitions of SD cards beside those of NVMe disks.
     R"(^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|(nvme\d+n|mmcblk)\d+p)\d+$)",
     "Disks to leave out (regular expression)."},
};

// The properties of one udev record. Views into the text that it was made from.
class Udev {
  public:
    explicit Udev(std::string_view text) {
        while (!text.empty()) {
            const auto line = next_line(text);
            const auto equals = line.find('=');
            if (line.starts_with("E:") && equals != std::string_view::npos)
                properties_.emplace_back(line.substr(2, equals - 2), line.substr(equals + 1));
        }
    }
    /// Empty when there is none.
    std::string_view operator[](std::string_view name) const {
        for (const auto& [key, value] : properties_)
            if (key == name) return value;
        return {};
    }

  private:
    std::vector<std::pair<std::string_view, std::string_view>> properties_;
};

struct Disk {
    std::string_view major, minor, name;
    std::array<std::uint64_t, std::size(columns)> values{};
    std::size_t count = 0;  // of values
};

Result<Disk> parse_disk(const std::string& path, std::string_view line) {
    Disk disk;
    disk.major = next_word(line);
    disk.minor = next_word(line);
    disk.name = next_word(line);
    if (!to_unsigned(disk.major)) return not_a_number(path, disk.major);
    if (!to_unsigned(disk.minor)) return not_a_number(path, disk.minor);
    for (auto word = next_word(line); !word.empty() && disk.count < disk.values.size();
         word = next_word(line)) {
        const auto value = to_unsigned(word);
        if (!value) return not_a_number(path, word);
        disk.values[disk.count++] = *value;
    }
    if (disk.count == oldest || disk.count == discards || disk.count == disk.values.size()) return disk;
    return failure(path + ": the line of " + valid_utf8(disk.name) + " has " + std::to_string(disk.count) +
                   " numbers, not 11, 15 or 17");
}

void add_properties(std::string_view device, const Udev& udev, metrics::Page& page) {
    if (!udev["ID_FS_TYPE"].empty())
        page.add(filesystem_info,
                 {{"device", device},
                  {"type", udev["ID_FS_TYPE"]},
                  {"usage", udev["ID_FS_USAGE"]},
                  {"uuid", udev["ID_FS_UUID"]},
                  {"version", udev["ID_FS_VERSION"]}},
                 1);
    if (!udev["DM_NAME"].empty())
        page.add(mapper_info,
                 {{"device", device},
                  {"lv_layer", udev["DM_LV_LAYER"]},
                  {"lv_name", udev["DM_LV_NAME"]},
                  {"name", udev["DM_NAME"]},
                  {"uuid", udev["DM_UUID"]},
                  {"vg_name", udev["DM_VG_NAME"]}},
                 1);
    if (udev["ID_ATA"].empty()) return;
    for (const auto& attribute : ata_attributes)
        if (const auto value = to_double(udev[attribute.property]))
            page.add(attribute.family, {{"device", device}}, *value);
}

std::string_view serial_number(const Udev& udev) {
    // What is printed on the disk; else what its driver made up, as for virtio.
    for (const auto name : {"SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"})
        if (const auto serial = udev[name]; !serial.empty()) return serial;
    return {};
}

// Partitions have no queue of their own: 0.
Result<std::string_view> rotational(const Host& host, std::string_view device) {
    const auto path = host.sys("block/" + std::string(device) + "/queue/rotational");
    const auto value = read_unsigned(host, path);
    if (value && *value > 1) return failure(path + " is neither 0 nor 1");
    if (!value && value.error().kind == Error::Kind::failure) return value.error();
    return std::string_view(value && *value == 1 ? "1" : "0");
}

class Diskstats final : public Collector {
  public:
    explicit Diskstats(DeviceFilter filter) : filter_(std::move(filter)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("diskstats");
        const auto text = read_lines(path);
        if (!text) return text.error();
        std::set<std::string_view> seen;
        Result<void> result;
        std::string_view rest = *text;
        while (!rest.empty()) {
            const auto disk = parse_disk(path, next_line(rest));
            if (!disk) return disk.error();
            if (!filter_.keeps(disk->name)) continue;
            if (!seen.insert(disk->name).second) return failure(path + ": a device stands twice");
            note(result, add_disk(host, *disk, page));
        }
        return result;
    }

  private:
    Result<void> add_disk(const Host& host, const Disk& disk, metrics::Page& page) const {
        const auto device = valid_utf8(disk.name);
        for (std::size_t i = 0; i < disk.count; ++i)
            page.add(columns[i].family,
                     {{"device", device}},
                     static_cast<double>(disk.values[i]) * columns[i].unit);
        const auto record =
            read_file(host.udev_data + "/b" + std::string(disk.major) + ":" + std::string(disk.minor));
        const auto text = valid_utf8(record ? *record : std::string());  // containers often have no udev
        const Udev udev(text);
        add_properties(device, udev, page);
        const auto turns = rotational(host, disk.name);
        if (!turns) return turns.error();
        page.add(info,
                 {{"device", device},
                  {"major", disk.major},
                  {"minor", disk.minor},
                  {"model", udev["ID_MODEL"]},
                  {"path", udev["ID_PATH"]},
                  {"revision", udev["ID_REVISION"]},
                  {"rotational", *turns},
                  {"serial", serial_number(udev)},
                  {"wwn", udev["ID_WWN"]}},
                 1);
        return {};
    }

    DeviceFilter filter_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    return std::make_unique<Diskstats>(std::move(*filter));
}

}  // namespace

extern const CollectorKind diskstats_kind;
constinit const CollectorKind diskstats_kind{"diskstats", true, "what disks read and write", flags, make};

}  // namespace pifleet::node
