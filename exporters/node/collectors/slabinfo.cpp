// What the kernel's own memory is used for: /proc/slabinfo, which only root may read.
#include "exporters/node/collector.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <re2/re2.h>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

// In the order of the columns behind the name.
constexpr Family columns[] = {
    {"node_slabinfo_active_objects", Type::gauge, "Objects in use."},
    {"node_slabinfo_objects", Type::gauge, "Objects that there is room for."},
    {"node_slabinfo_object_size_bytes", Type::gauge, "Size of an object."},
    {"node_slabinfo_objects_per_slab", Type::gauge, "Objects in a slab."},
    {"node_slabinfo_pages_per_slab", Type::gauge, "Pages of a slab."},
};

constexpr std::string_view include_flag = "collector.slabinfo.slabs-include";
constexpr std::string_view exclude_flag = "collector.slabinfo.slabs-exclude";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, ".*", "Slabs to show (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Slabs to leave out (regular expression)."},
};

class Slabinfo final : public Collector {
  public:
    Slabinfo(std::unique_ptr<re2::RE2> include, std::unique_ptr<re2::RE2> exclude)
        : include_(std::move(include)), exclude_(std::move(exclude)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("slabinfo");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        if (!lines.line().starts_with("slabinfo - version: 2"))
            return lines.error("not version 2 of slabinfo");
        while (lines.next()) {
            const auto slab = valid_utf8(lines.word());
            if (slab.starts_with('#') || !keeps(slab)) continue;
            for (const auto& column : columns) {
                const auto value = lines.number();
                if (!value) return value.error();
                page.add(column, {{"slab", slab}}, static_cast<double>(*value));
            }
        }
        return {};
    }

  private:
    bool keeps(std::string_view slab) const {
        return (!include_ || matches(*include_, slab)) && (!exclude_ || !matches(*exclude_, slab));
    }

    std::unique_ptr<re2::RE2> include_, exclude_;
};

// Here both flags hold at once.
Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    auto include = compile_pattern(given, include_flag);
    if (!include) return include.error();
    auto exclude = compile_pattern(given, exclude_flag);
    if (!exclude) return exclude.error();
    return std::make_unique<Slabinfo>(std::move(*include), std::move(*exclude));
}

}  // namespace

extern const CollectorKind slabinfo_kind;
constinit const CollectorKind slabinfo_kind{
    "slabinfo", false, "what the kernel's own memory is used for", flags, make};

}  // namespace pifleet::node
