// Energy that parts of an x86 CPU have used: /sys/class/powercap/intel-rapl*. Only root may read the
// counters.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/machine_files.hpp"

#include <map>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr std::string_view help = "Energy used, in joules.";
constexpr Family by_label{"node_rapl_joules_total", Type::counter, help};
constexpr double micro = 1'000'000;

constexpr std::string_view zone_flag = "collector.rapl.enable-zone-label";
constexpr process::Flag flags[] = {
    {zone_flag,
     process::FlagKind::on_off,
     "false",
     "One family with the zone as a label, not a family per zone."},
};

// "package-0" is the zone "package" with index 0; zones without a number are counted.
struct Zone {
    std::string name;
    std::string index;
};
Zone zone_of(const std::string& text, std::map<std::string, int>& counts) {
    const auto dash = text.find('-');
    if (dash != std::string::npos && to_unsigned(std::string_view(text).substr(dash + 1)))
        return {text.substr(0, dash), text.substr(dash + 1)};
    return {text, std::to_string(counts[text]++)};
}

std::string metric_name(std::string_view zone) {
    std::string name = "node_rapl_";
    for (const char c : zone) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        name += plain ? c : '_';
    }
    return name + "_joules_total";
}

class Rapl final : public Collector {
  public:
    explicit Rapl(bool with_label) : with_label_(with_label) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto root = host.sys("class/powercap");
        const auto names = list_folder(root);
        if (!names) return names.error();
        std::map<std::string, int> counts;
        Result<void> result;
        for (const auto& entry : *names) {
            if (!entry.starts_with("intel-rapl:")) continue;
            const auto folder = root + "/" + entry;
            const auto text = line_if_any(host, folder + "/name");
            if (text.empty()) continue;
            const auto zone = zone_of(text, counts);
            const auto energy = read_kept_line(host, folder + "/energy_uj");
            if (!energy) return absent(energy.error().message);
            const auto microjoules = to_unsigned(*energy);
            if (microjoules)
                add(zone, folder, static_cast<double>(*microjoules) / micro, page);
            else
                note(result, not_a_number(folder + "/energy_uj", *energy));
        }
        return result;
    }

  private:
    void add(const Zone& zone, const std::string& folder, double joules, metrics::Page& page) const {
        if (with_label_)
            page.add(by_label,
                     {{"index", zone.index}, {"path", folder}, {"rapl_zone", valid_utf8(zone.name)}},
                     joules);
        else
            page.add({metric_name(zone.name), Type::counter, help},
                     {{"index", zone.index}, {"path", folder}},
                     joules);
    }

    bool with_label_;
};

}  // namespace

extern const CollectorKind rapl_kind;
constinit const CollectorKind rapl_kind{
    "rapl",
    true,
    "energy used by an x86 CPU",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Rapl>(given.on(zone_flag));
    },
};

}  // namespace pifleet::node
