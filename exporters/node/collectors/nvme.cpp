// NVMe controllers and their namespaces: /sys/class/nvme. The kernel counts "size" in sectors of 512 bytes
// whatever the namespace's own block is, and "nuse" in the namespace's blocks.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <array>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family info{"node_nvme_info", Type::gauge, "What the controller says that it is."};
constexpr Family namespace_info{
    "node_nvme_namespace_info", Type::gauge, "The namespace and the state of the path to it."};
constexpr Family block{
    "node_nvme_namespace_logical_block_size_bytes", Type::gauge, "Size of the namespace's blocks."};
constexpr Family capacity{
    "node_nvme_namespace_capacity_bytes", Type::gauge, "How much the namespace can hold."};
constexpr Family size{"node_nvme_namespace_size_bytes", Type::gauge, "Size of the namespace."};
constexpr Family used{"node_nvme_namespace_used_bytes", Type::gauge, "How much of the namespace is in use."};
constexpr double sector = 512;

Result<void> add_namespace(const Host& host,
                           const std::string& folder,
                           const std::string& device,
                           std::string_view id,
                           metrics::Page& page) {
    const metrics::Label labels[] = {{"device", device}, {"nsid", id}};
    std::array<double, 3> numbers{};
    constexpr const char* files[] = {"/size", "/nuse", "/queue/logical_block_size"};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto number = read_unsigned(host, folder + files[i]);
        // Kernels before 6.8 have no nuse.
        if (!number) return number.error().kind == Error::Kind::absent ? Result<void>() : number.error();
        numbers[i] = static_cast<double>(*number);
    }
    auto state = valid_utf8(line_if_any(host, folder + "/ana_state"));
    if (state.empty()) state = "unknown";
    page.add(namespace_info, {{"ana_state", state}, labels[0], labels[1]}, 1);
    page.add(capacity, labels, numbers[0] * sector);
    page.add(size, labels, numbers[0] * sector);
    page.add(used, labels, numbers[1] * numbers[2]);
    page.add(block, labels, numbers[2]);
    return {};
}

class Nvme final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/nvme");
        if (const auto there = list_folder(root); !there) return there.error();
        Result<void> result;
        for (const auto& device : numbered_entries(root, "nvme")) {
            const auto folder = root + "/" + device;
            const auto text = [&](std::string_view file) {
                return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
            };
            page.add(info,
                     {{"cntlid", text("cntlid")},
                      {"device", device},
                      {"firmware_revision", text("firmware_rev")},
                      {"model", text("model")},
                      {"serial", text("serial")},
                      {"state", text("state")}},
                     1);
            const auto prefix = device + "n";
            for (const auto& inner : numbered_entries(folder, prefix)) {
                const auto id = std::string_view(inner).substr(prefix.size());
                note(result, add_namespace(host, folder + "/" + inner, device, id, page));
            }
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind nvme_kind;
constinit const CollectorKind nvme_kind{
    "nvme",
    true,
    "NVMe controllers and namespaces",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Nvme>();
    },
};

}  // namespace pifleet::node
