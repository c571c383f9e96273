// Drivers, links and drivers' own statistics of the network devices, by the ethtool ioctls: always asked of
// the running kernel; which devices there are stands in /sys/class/net.
#include "exporters/node/collectors/ethtool.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collectors/ethtool_modes.hpp"
#include "exporters/node/device_filter.hpp"
#include "exporters/node/machine_files.hpp"

#include <re2/re2.h>
#include <sys/stat.h>

#include <unordered_map>
#include <vector>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;
using process::FlagKind;

constexpr Family info{"node_ethtool_info", Type::gauge, "The driver of the network device."};
constexpr Family port{"node_network_supported_port_info", Type::gauge, "Ports that the device can have."};
constexpr Family autonegotiates{
    "node_network_autonegotiate", Type::gauge, "Whether the link's settings are negotiated."};

// What a device could do, and what it tells the other end that it could.
struct Abilities {
    Family speed, autonegotiation, pause, one_way_pause;
};
constexpr Abilities supported{
    {"node_network_supported_speed_bytes",
     Type::gauge,
     "Speeds that the device can have, in bytes a second."},
    {"node_network_autonegotiate_supported", Type::gauge, "Whether the device can negotiate settings."},
    {"node_network_pause_supported", Type::gauge, "Whether the device can use pause frames."},
    {"node_network_asymmetricpause_supported", Type::gauge, "Whether it can use pause frames one way."}};
constexpr Abilities advertised{
    {"node_network_advertised_speed_bytes", Type::gauge, "Speeds that the device offers, in bytes a second."},
    {"node_network_autonegotiate_advertised",
     Type::gauge,
     "Whether the device offers to negotiate settings."},
    {"node_network_pause_advertised", Type::gauge, "Whether the device offers pause frames."},
    {"node_network_asymmetricpause_advertised", Type::gauge, "Whether it offers pause frames one way."}};

constexpr std::string_view include_flag = "collector.ethtool.device-include";
constexpr std::string_view exclude_flag = "collector.ethtool.device-exclude";
constexpr std::string_view metrics_flag = "collector.ethtool.metrics-include";
constexpr process::Flag flags[] = {
    {include_flag, FlagKind::text, "", "Network devices to show (regular expression)."},
    {exclude_flag, FlagKind::text, "", "Network devices to leave out (regular expression)."},
    {metrics_flag, FlagKind::text, ".*", "Statistics to show (regular expression)."},
};

// Statistics that most drivers have, under the names that they have had from the beginning.
struct Common {
    std::string_view statistic, family;
};
constexpr Common common[] = {
    {"rx_bytes", "node_ethtool_received_bytes_total"},
    {"rx_dropped", "node_ethtool_received_dropped_total"},
    {"rx_errors", "node_ethtool_received_errors_total"},
    {"rx_packets", "node_ethtool_received_packets_total"},
    {"tx_bytes", "node_ethtool_transmitted_bytes_total"},
    {"tx_errors", "node_ethtool_transmitted_errors_total"},
    {"tx_packets", "node_ethtool_transmitted_packets_total"},
};

// Which family a statistic belongs to, by the driver's name for it. Decided once and remembered.
class Names {
  public:
    struct Name {
        std::string family, help;
        bool wanted = false;
    };
    explicit Names(std::unique_ptr<re2::RE2> pattern) : pattern_(std::move(pattern)) {}

    const Name& operator[](const std::string& statistic) {
        if (known_.size() > most_) known_.clear();
        const auto [place, added] = known_.try_emplace(statistic);
        if (added) decide(statistic, place->second);
        return place->second;
    }

  private:
    void decide(const std::string& statistic, Name& name) const {
        static const re2::RE2 other("_*[^0-9A-Za-z_]+_*");
        static const re2::RE2 received("(^|_)rx(_|$)");
        static const re2::RE2 transmitted("(^|_)tx(_|$)");
        std::string spelled = statistic;
        re2::RE2::GlobalReplace(&spelled, other, "_");
        name.wanted = pattern_ == nullptr || matches(*pattern_, spelled);
        name.help = "Of the network device's driver: " + spelled;
        for (const auto& each : common)
            if (each.statistic == spelled) name.family = each.family;
        if (!name.family.empty()) return;
        std::string tail = lower(spelled);
        tail.erase(0, tail.find_first_not_of('_'));
        re2::RE2::GlobalReplace(&tail, received, "\\1received\\2");
        re2::RE2::GlobalReplace(&tail, transmitted, "\\1transmitted\\2");
        name.family = "node_ethtool_" + tail;
        if (tail.empty() || name.family == info.name) name.wanted = false;
    }

    static constexpr std::size_t most_ = 64 * 1024;
    std::unique_ptr<re2::RE2> pattern_;
    std::unordered_map<std::string, Name> known_;
};

bool is_folder(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void add_abilities(const Abilities& abilities,
                   std::string_view device,
                   std::span<const std::uint32_t> modes,
                   metrics::Page& page) {
    for (const auto& speed : ethtool_speeds())
        if (has_bit(modes, speed.bit))
            page.add(abilities.speed,
                     {{"device", device}, {"duplex", speed.duplex}, {"mode", speed.mode}},
                     speed.megabits * 1e6 / 8);
    page.add(abilities.autonegotiation, {{"device", device}}, has_bit(modes, ethtool_autonegotiates));
    page.add(abilities.pause, {{"device", device}}, has_bit(modes, ethtool_pauses));
    page.add(abilities.one_way_pause, {{"device", device}}, has_bit(modes, ethtool_pauses_one_way));
}

void add_link(std::string_view device, const EthtoolLink& link, metrics::Page& page) {
    add_abilities(supported, device, link.supported, page);
    for (const auto& each : ethtool_ports)
        if (has_bit(link.supported, each.bit)) page.add(port, {{"device", device}, {"type", each.type}}, 1);
    add_abilities(advertised, device, link.advertised, page);
    page.add(autonegotiates, {{"device", device}}, link.autonegotiates);
}

void add_driver(std::string_view device, const EthtoolDriver& driver, metrics::Page& page) {
    page.add(info,
             {{"bus_info", driver.bus},
              {"device", device},
              {"driver", driver.driver},
              {"expansion_rom_version", driver.expansion_rom},
              {"firmware_version", driver.firmware},
              {"version", driver.version}},
             1);
}

// What is missing is not a failure.
template <class T>
bool told(const Result<T>& answer, Result<void>& result) {
    if (!answer && answer.error().kind == Error::Kind::failure) note(result, answer.error());
    return answer.has_value();
}

class Ethtool final : public Collector {
  public:
    Ethtool(EthtoolCall call, DeviceFilter filter, std::unique_ptr<re2::RE2> metrics)
        : call_(std::move(call)), filter_(std::move(filter)), names_(std::move(metrics)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto folder = host.sys("class/net");
        auto devices = list_folder(folder);
        if (!devices) return devices.error();
        std::erase_if(*devices, [&folder](const auto& name) { return !is_folder(folder + "/" + name); });
        if (devices->empty()) return failure(folder + " has no network devices");
        Result<void> result;
        for (const auto& device : *devices)
            if (filter_.keeps(device)) note(result, add_device(device, page));
        return result;
    }

  private:
    Result<void> add_device(const std::string& device, metrics::Page& page) {
        Result<void> result;
        const auto shown = valid_utf8(device);
        if (const auto link = ethtool_link(call_, device); told(link, result)) add_link(shown, *link, page);
        const auto driver = ethtool_driver(call_, device);
        if (!told(driver, result)) return result;
        add_driver(shown, *driver, page);
        const auto statistics = ethtool_statistics(call_, device, driver->statistics);
        if (told(statistics, result)) add_statistics(shown, *statistics, page);
        return result;
    }

    // Two statistics that would become the same series are left out: nobody could tell which is which.
    void add_statistics(std::string_view device,
                        const std::vector<EthtoolStatistic>& all,
                        metrics::Page& page) {
        std::unordered_map<std::string, const EthtoolStatistic*> by_family;
        for (const auto& statistic : all) {
            const auto& name = names_[statistic.name];
            if (!name.wanted) continue;
            const auto [place, added] = by_family.try_emplace(name.family, &statistic);
            if (!added && (place->second == nullptr || place->second->name != statistic.name))
                place->second = nullptr;
            else
                place->second = &statistic;
        }
        for (const auto& [family, statistic] : by_family)
            if (statistic != nullptr)
                page.add(Family{family, Type::unknown, names_[statistic->name].help},
                         {{"device", device}},
                         static_cast<double>(statistic->value));
    }

    EthtoolCall call_;
    DeviceFilter filter_;
    Names names_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    return make_ethtool(given, ask_ethtool);
}

}  // namespace

Result<std::unique_ptr<Collector>> make_ethtool(const process::CommandLine& given, EthtoolCall call) {
    auto filter = DeviceFilter::from_flags(given, include_flag, exclude_flag);
    if (!filter) return filter.error();
    auto pattern = compile_pattern(given, metrics_flag);
    if (!pattern) return pattern.error();
    return std::make_unique<Ethtool>(std::move(call), std::move(*filter), std::move(*pattern));
}

extern const CollectorKind ethtool_kind;
constinit const CollectorKind ethtool_kind{
    "ethtool", false, "drivers, links and drivers' statistics of network devices", flags, make};

}  // namespace pifleet::node
