// What SCSI tape drives read and write: /sys/class/scsi_tape/stN/stats.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

#include <re2/re2.h>

namespace pifleet::node {

namespace {

using metrics::Type;

constexpr double nano = 1e-9;
constexpr FileRow rows[] = {
    {"in_flight", {"node_tape_io_now", Type::gauge, "Commands that the drive is busy with."}},
    {"io_ns", {"node_tape_io_time_seconds_total", Type::counter, "Time spent on all commands."}, nano},
    {"other_cnt", {"node_tape_io_others_total", Type::counter, "Commands other than reading and writing."}},
    {"read_byte_cnt", {"node_tape_read_bytes_total", Type::counter, "Bytes read."}},
    {"read_cnt", {"node_tape_reads_completed_total", Type::counter, "Reads that were completed."}},
    {"read_ns", {"node_tape_read_time_seconds_total", Type::counter, "Time spent on reading."}, nano},
    {"resid_cnt",
     {"node_tape_residual_total", Type::counter, "Reads and writes that moved less than was asked for."}},
    {"write_byte_cnt", {"node_tape_written_bytes_total", Type::counter, "Bytes written."}},
    {"write_cnt", {"node_tape_writes_completed_total", Type::counter, "Writes that were completed."}},
    {"write_ns", {"node_tape_write_time_seconds_total", Type::counter, "Time spent on writing."}, nano},
};

constexpr std::string_view ignored_flag = "collector.tapestats.ignored-devices";
constexpr process::Flag flags[] = {
    {ignored_flag, process::FlagKind::text, "^$", "Drives to leave out (regular expression)."},
};

class Tapestats final : public Collector {
  public:
    explicit Tapestats(std::unique_ptr<re2::RE2> ignored) : ignored_(std::move(ignored)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/scsi_tape");
        if (const auto there = list_folder(root); !there) return there.error();
        Result<void> result;
        for (const auto& name : numbered_entries(root, "st")) {
            if (ignored_ && matches(*ignored_, name)) continue;
            const metrics::Label label{"device", name};
            note(result, add_file_rows(host, root + "/" + name + "/stats", rows, {&label, 1}, page));
        }
        return result;
    }

  private:
    std::unique_ptr<re2::RE2> ignored_;
};

}  // namespace

extern const CollectorKind tapestats_kind;
constinit const CollectorKind tapestats_kind{
    "tapestats",
    true,
    "SCSI tape drives",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        auto ignored = compile_pattern(given, ignored_flag);
        if (!ignored) return ignored.error();
        return std::make_unique<Tapestats>(std::move(*ignored));
    },
};

}  // namespace pifleet::node
