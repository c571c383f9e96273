// Memory errors that the hardware found, of /sys/devices/system/edac/mc.
#include "common/base/files.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family corrected{
    "node_edac_correctable_errors_total", Type::counter, "Memory errors that were corrected."};
constexpr Family uncorrected{
    "node_edac_uncorrectable_errors_total", Type::counter, "Memory errors that could not be corrected."};
constexpr Family row_corrected{"node_edac_csrow_correctable_errors_total",
                               Type::counter,
                               "Memory errors that were corrected, by the row of chips."};
constexpr Family row_uncorrected{"node_edac_csrow_uncorrectable_errors_total",
                                 Type::counter,
                                 "Memory errors that could not be corrected, by the row of chips."};

Result<void> add(const Host& host,
                 const std::string& path,
                 const Family& family,
                 std::initializer_list<metrics::Label> labels,
                 metrics::Page& page) {
    const auto value = read_unsigned(host, path);
    if (value)
        page.add(family, labels, static_cast<double>(*value));
    else if (value.error().kind == Error::Kind::failure)
        return value.error();
    return {};
}

class Edac final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("devices/system/edac/mc");
        Result<void> result;
        for (const auto& name : numbered_entries(root, "mc")) {
            const auto folder = root + "/" + name;
            const metrics::Label controller{"controller", std::string_view(name).substr(2)};
            const metrics::Label unknown{"csrow", "unknown"};
            note(result, add(host, folder + "/ce_count", corrected, {controller}, page));
            note(result, add(host, folder + "/ce_noinfo_count", row_corrected, {controller, unknown}, page));
            note(result, add(host, folder + "/ue_count", uncorrected, {controller}, page));
            note(result,
                 add(host, folder + "/ue_noinfo_count", row_uncorrected, {controller, unknown}, page));
            for (const auto& row : numbered_entries(folder, "csrow")) {
                const metrics::Label label{"csrow", std::string_view(row).substr(5)};
                const auto inner = folder + "/" + row;
                note(result, add(host, inner + "/ce_count", row_corrected, {controller, label}, page));
                note(result, add(host, inner + "/ue_count", row_uncorrected, {controller, label}, page));
            }
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind edac_kind;
constinit const CollectorKind edac_kind{
    "edac",
    true,
    "memory errors found by the hardware",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Edac>();
    },
};

}  // namespace pifleet::node
