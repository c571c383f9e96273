// Each collector has a declaration and a place in the list here, and nothing else outside its own file.
#include "exporters/node/registry.hpp"

#include <string>
#include <vector>

namespace pifleet::node {

extern const CollectorKind arp_kind;
extern const CollectorKind bcache_kind;
extern const CollectorKind bcachefs_kind;
extern const CollectorKind bonding_kind;
extern const CollectorKind btrfs_kind;
extern const CollectorKind buddyinfo_kind;
extern const CollectorKind cgroups_kind;
extern const CollectorKind conntrack_kind;
extern const CollectorKind cpu_kind;
extern const CollectorKind cpu_vulnerabilities_kind;
extern const CollectorKind cpufreq_kind;
extern const CollectorKind diskstats_kind;
extern const CollectorKind dmi_kind;
extern const CollectorKind drbd_kind;
extern const CollectorKind drm_kind;
extern const CollectorKind edac_kind;
extern const CollectorKind entropy_kind;
extern const CollectorKind ethtool_kind;
extern const CollectorKind fibrechannel_kind;
extern const CollectorKind filefd_kind;
extern const CollectorKind filesystem_kind;
extern const CollectorKind hwmon_kind;
extern const CollectorKind infiniband_kind;
extern const CollectorKind interrupts_kind;
extern const CollectorKind ipvs_kind;
extern const CollectorKind kernel_hung_kind;
extern const CollectorKind ksmd_kind;
extern const CollectorKind lnstat_kind;
extern const CollectorKind loadavg_kind;
extern const CollectorKind logind_kind;
extern const CollectorKind mdadm_kind;
extern const CollectorKind meminfo_kind;
extern const CollectorKind meminfo_numa_kind;
extern const CollectorKind mountstats_kind;
extern const CollectorKind netclass_kind;
extern const CollectorKind netdev_kind;
extern const CollectorKind netstat_kind;
extern const CollectorKind network_route_kind;
extern const CollectorKind nfs_kind;
extern const CollectorKind nfsd_kind;
extern const CollectorKind ntp_kind;
extern const CollectorKind nvme_kind;
extern const CollectorKind os_kind;
extern const CollectorKind pcidevice_kind;
extern const CollectorKind perf_kind;
extern const CollectorKind powersupplyclass_kind;
extern const CollectorKind pressure_kind;
extern const CollectorKind processes_kind;
extern const CollectorKind qdisc_kind;
extern const CollectorKind rapl_kind;
extern const CollectorKind rpi_board_kind;
extern const CollectorKind rpi_firmware_kind;
extern const CollectorKind rpi_sensors_kind;
extern const CollectorKind rpi_storage_kind;
extern const CollectorKind rpi_wireless_kind;
extern const CollectorKind rpi_zram_kind;
extern const CollectorKind runit_kind;
extern const CollectorKind schedstat_kind;
extern const CollectorKind selinux_kind;
extern const CollectorKind slabinfo_kind;
extern const CollectorKind sockstat_kind;
extern const CollectorKind softirqs_kind;
extern const CollectorKind softnet_kind;
extern const CollectorKind stat_kind;
extern const CollectorKind supervisord_kind;
extern const CollectorKind swap_kind;
extern const CollectorKind sysctl_kind;
extern const CollectorKind systemd_kind;
extern const CollectorKind tapestats_kind;
extern const CollectorKind tcpstat_kind;
extern const CollectorKind thermal_zone_kind;
extern const CollectorKind time_kind;
extern const CollectorKind timex_kind;
extern const CollectorKind udp_queues_kind;
extern const CollectorKind uname_kind;
extern const CollectorKind vmstat_kind;
extern const CollectorKind watchdog_kind;
extern const CollectorKind wifi_kind;
extern const CollectorKind xfrm_kind;
extern const CollectorKind xfs_kind;
extern const CollectorKind zfs_kind;
extern const CollectorKind zoneinfo_kind;
extern const CollectorKind textfile_kind;

namespace {

// One a line.
// clang-format off
constinit const CollectorKind* const kinds[] = {
    &arp_kind,
    &bcache_kind,
    &bcachefs_kind,
    &bonding_kind,
    &btrfs_kind,
    &buddyinfo_kind,
    &cgroups_kind,
    &conntrack_kind,
    &cpu_kind,
    &cpu_vulnerabilities_kind,
    &cpufreq_kind,
    &diskstats_kind,
    &dmi_kind,
    &drbd_kind,
    &drm_kind,
    &edac_kind,
    &entropy_kind,
    &ethtool_kind,
    &fibrechannel_kind,
    &filefd_kind,
    &filesystem_kind,
    &hwmon_kind,
    &infiniband_kind,
    &interrupts_kind,
    &ipvs_kind,
    &kernel_hung_kind,
    &ksmd_kind,
    &lnstat_kind,
    &loadavg_kind,
    &logind_kind,
    &mdadm_kind,
    &meminfo_kind,
    &meminfo_numa_kind,
    &mountstats_kind,
    &netclass_kind,
    &netdev_kind,
    &netstat_kind,
    &network_route_kind,
    &nfs_kind,
    &nfsd_kind,
    &ntp_kind,
    &nvme_kind,
    &os_kind,
    &pcidevice_kind,
    &perf_kind,
    &powersupplyclass_kind,
    &pressure_kind,
    &processes_kind,
    &qdisc_kind,
    &rapl_kind,
    &rpi_board_kind,
    &rpi_firmware_kind,
    &rpi_sensors_kind,
    &rpi_storage_kind,
    &rpi_wireless_kind,
    &rpi_zram_kind,
    &runit_kind,
    &schedstat_kind,
    &selinux_kind,
    &slabinfo_kind,
    &sockstat_kind,
    &softirqs_kind,
    &softnet_kind,
    &stat_kind,
    &supervisord_kind,
    &swap_kind,
    &sysctl_kind,
    &systemd_kind,
    &tapestats_kind,
    &tcpstat_kind,
    &thermal_zone_kind,
    &time_kind,
    &timex_kind,
    &udp_queues_kind,
    &uname_kind,
    &vmstat_kind,
    &watchdog_kind,
    &wifi_kind,
    &xfrm_kind,
    &xfs_kind,
    &zfs_kind,
    &zoneinfo_kind,
    &textfile_kind,  // last: it must see whose names are taken
};
// clang-format on

// The rows of --collector.NAME, with the texts that they point to.
struct Switches {
    Switches() {
        texts.reserve(2 * std::size(kinds));  // so that no text moves
        for (const auto* kind : kinds) {
            const auto& name = texts.emplace_back(switch_name(*kind));
            const auto& help = texts.emplace_back("Collect " + std::string(kind->help) + ".");
            rows.push_back({name, process::FlagKind::on_off, kind->enabled ? "true" : "false", help});
        }
    }
    std::vector<std::string> texts;
    std::vector<process::Flag> rows;
};

}  // namespace

std::span<const CollectorKind* const> registry() {
    return kinds;
}

std::string switch_name(const CollectorKind& kind) {
    return "collector." + std::string(kind.name);
}

void declare_collector_flags(process::CommandLine& flags) {
    static const Switches switches;
    flags.declare(switches.rows);
    for (const auto* kind : kinds) flags.declare(kind->flags);
}

}  // namespace pifleet::node
