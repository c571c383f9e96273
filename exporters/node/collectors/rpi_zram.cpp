// Compressed memory, which Raspberry Pi OS swaps to: /sys/block/zramN/mm_stat and disksize, columns as in the
// kernel's admin-guide/blockdev/zram.rst.
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/rpi_chips.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family disk_size{
    "rpi_zram_disksize_bytes", Type::gauge, "How much the device takes, uncompressed."};
// In the order of the columns. Older kernels have fewer.
constexpr Family columns[] = {
    {"rpi_zram_orig_data_bytes", Type::gauge, "What is stored, uncompressed."},
    {"rpi_zram_compr_data_bytes", Type::gauge, "What is stored, compressed."},
    {"rpi_zram_mem_used_bytes", Type::gauge, "Memory used, with what the allocator wastes."},
    {"rpi_zram_mem_limit_bytes", Type::gauge, "The most memory that may be used; 0: no limit."},
    {"rpi_zram_mem_used_max_bytes", Type::gauge, "The most memory that was ever used."},
    {"rpi_zram_same_pages", Type::gauge, "Pages filled with one value, which take no room."},
    {"rpi_zram_compacted_pages_total", Type::counter, "Pages freed by compacting."},
    {"rpi_zram_huge_pages", Type::gauge, "Pages that cannot be compressed."},
    {"rpi_zram_huge_pages_total",
     Type::counter,
     "Pages that could not be compressed, since the device was set up."},
};
constexpr std::size_t oldest = 7;  // columns of the first kernels with the file

Result<void> add_device(const Host& host,
                        const std::string& folder,
                        const std::string& device,
                        metrics::Page& page) {
    const auto size = int_if_readable(host, folder + "/disksize");
    if (!size) return size.error().kind == Error::Kind::absent ? Result<void>() : size.error();
    if (*size == 0) return {};  // made by the module, used by nobody
    page.add(disk_size, {{"device", device}}, static_cast<double>(*size));
    const auto path = folder + "/mm_stat";
    const auto text = line_if_any(host, path);
    if (text.empty()) return {};
    std::string_view rest = text;
    std::size_t count = 0;
    for (const auto& family : columns) {
        const auto word = next_word(rest);
        if (word.empty() && count >= oldest) break;
        const auto value = to_unsigned(word);
        if (!value) return not_a_number(path, word);
        page.add(family, {{"device", device}}, static_cast<double>(*value));
        ++count;
    }
    return {};
}

class RpiZram final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto blocks = host.sys("block");
        Result<void> result;
        for (const auto& device : numbered_entries(blocks, "zram"))
            note(result, add_device(host, blocks + "/" + device, device, page));
        return result;
    }
};

}  // namespace

extern const CollectorKind rpi_zram_kind;
constinit const CollectorKind rpi_zram_kind{
    "rpi_zram",
    true,
    "compressed memory (zram)",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<RpiZram>();
    },
};

}  // namespace pifleet::node
