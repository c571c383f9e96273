// AMD graphics cards: /sys/class/drm/cardN/device, as the driver amdgpu has it.
#include "exporters/node/collector.hpp"
#include "exporters/node/file_rows.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr FileRow rows[] = {
    {"gpu_busy_percent", {"node_drm_gpu_busy_percent", Type::gauge, "How busy the card is."}},
    {"mem_info_gtt_total",
     {"node_drm_memory_gtt_size_bytes", Type::gauge, "Memory of the machine that the card may use."}},
    {"mem_info_gtt_used",
     {"node_drm_memory_gtt_used_bytes", Type::gauge, "Memory of the machine that it uses."}},
    {"mem_info_vis_vram_total",
     {"node_drm_memory_vis_vram_size_bytes", Type::gauge, "The card's memory that the CPU can reach."}},
    {"mem_info_vis_vram_used",
     {"node_drm_memory_vis_vram_used_bytes", Type::gauge, "How much of what the CPU can reach is used."}},
    {"mem_info_vram_total", {"node_drm_memory_vram_size_bytes", Type::gauge, "The card's memory."}},
    {"mem_info_vram_used",
     {"node_drm_memory_vram_used_bytes", Type::gauge, "How much of the card's memory is used."}},
};
constexpr Family info{"node_drm_card_info", Type::gauge, "What the card says that it is."};

class Drm final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/drm");
        Result<void> result;
        for (const auto& name : numbered_entries(root, "card")) {
            const auto folder = root + "/" + name + "/device";
            if (line_if_any(host, folder + "/uevent").find("DRIVER=amdgpu") == std::string::npos) continue;
            const metrics::Label card{"card", name};
            note(result, add_file_rows(host, folder, rows, {&card, 1}, page));
            const auto text = [&](std::string_view file) {
                return valid_utf8(line_if_any(host, folder + "/" + std::string(file)));
            };
            page.add(info,
                     {card,
                      {"memory_vendor", text("mem_info_vram_vendor")},
                      {"power_performance_level", text("power_dpm_force_performance_level")},
                      {"unique_id", text("unique_id")},
                      {"vendor", "amd"}},
                     1);
        }
        return result;
    }
};

}  // namespace

extern const CollectorKind drm_kind;
constinit const CollectorKind drm_kind{
    "drm",
    false,
    "AMD graphics cards",
    {},
    [](const process::CommandLine&) -> Result<std::unique_ptr<Collector>> { return std::make_unique<Drm>(); },
};

}  // namespace pifleet::node
