#include "tests/fuzz/machine_owners.hpp"

#include <vector>

namespace {

struct Owner {
    std::string_view prefix;  // of the path within the machine; the first that fits holds
    std::vector<std::string_view> collectors;
};

const std::vector<Owner>& table() {
    static const std::vector<Owner> rows = {
        {"proc/1/mountinfo", {"filesystem", "nfs", "rpi_storage"}},
        {"proc/1/mountstats", {"mountstats"}},
        {"proc/buddyinfo", {"buddyinfo"}},
        {"proc/cgroups", {"cgroups"}},
        {"proc/cpuinfo", {"cpu"}},
        {"proc/device-tree/", {"rpi_board", "rpi_firmware"}},
        {"proc/diskstats", {"diskstats"}},
        {"proc/drbd", {"drbd"}},
        {"proc/interrupts", {"interrupts"}},
        {"proc/loadavg", {"loadavg"}},
        {"proc/mdstat", {"mdadm"}},
        {"proc/meminfo", {"meminfo"}},
        {"proc/net/arp", {"arp"}},
        {"proc/net/dev", {"netdev"}},
        {"proc/net/ip_vs", {"ipvs"}},
        {"proc/net/netstat", {"netstat"}},
        {"proc/net/rpc/nfsd", {"nfsd"}},
        {"proc/net/rpc/nfs", {"nfs"}},
        {"proc/net/snmp", {"netstat"}},
        {"proc/net/sockstat", {"sockstat"}},
        {"proc/net/softnet_stat", {"softnet"}},
        {"proc/net/stat/nf_conntrack", {"conntrack", "lnstat"}},
        {"proc/net/stat/", {"lnstat"}},
        {"proc/net/udp", {"udp_queues"}},
        {"proc/net/wireless", {"rpi_wireless"}},
        {"proc/net/xfrm_stat", {"xfrm"}},
        {"proc/pressure/", {"pressure"}},
        {"proc/schedstat", {"schedstat"}},
        {"proc/slabinfo", {"slabinfo"}},
        {"proc/softirqs", {"softirqs"}},
        {"proc/spl/", {"zfs"}},
        {"proc/stat", {"cpu", "stat"}},
        {"proc/swaps", {"swap"}},
        {"proc/sys/fs/file-nr", {"filefd", "sysctl"}},
        {"proc/sys/kernel/random/", {"entropy"}},
        {"proc/sys/kernel/hung", {"kernel_hung"}},
        {"proc/sys/kernel/core", {"sysctl"}},
        {"proc/sys/kernel/", {"processes"}},
        {"proc/sys/net/netfilter/", {"conntrack"}},
        {"proc/sys/", {"sysctl"}},
        {"proc/vmstat", {"vmstat"}},
        {"proc/zoneinfo", {"zoneinfo"}},
        {"proc/uptime", {}},
        {"proc/", {"processes"}},
        {"root/etc/os-release", {"os"}},
        {"root/usr/lib/os-release", {"os"}},
        {"service/", {"runit"}},
        {"sys/block/md", {"mdadm"}},
        {"sys/block/mmcblk", {"rpi_storage", "diskstats"}},
        {"sys/block/zram", {"rpi_zram"}},
        {"sys/block/", {"diskstats"}},
        {"sys/bus/pci/", {"pcidevice"}},
        {"sys/class/dmi/", {"dmi"}},
        {"sys/class/drm/", {"drm"}},
        {"sys/class/fc_host/", {"fibrechannel"}},
        {"sys/class/infiniband/", {"infiniband"}},
        {"sys/class/net/bond", {"netclass", "bonding"}},
        {"sys/class/net/", {"netclass"}},
        {"sys/class/nvme/", {"nvme"}},
        {"sys/class/power_supply/", {"powersupplyclass", "rpi_sensors"}},
        {"sys/class/powercap/", {"rapl"}},
        {"sys/class/rtc/", {"rpi_sensors"}},
        {"sys/class/scsi_tape/", {"tapestats"}},
        {"sys/class/watchdog/", {"watchdog"}},
        {"sys/devices/system/clocksource/", {"time"}},
        {"sys/devices/system/cpu/vulnerabilities/", {"cpu_vulnerabilities"}},
        {"sys/devices/system/cpu/", {"cpu", "cpufreq", "perf"}},
        {"sys/devices/system/edac/", {"edac"}},
        {"sys/devices/system/node/", {"meminfo_numa"}},
        {"sys/devices/virtual/thermal/", {"thermal_zone", "hwmon", "rpi_firmware"}},
        {"sys/devices/", {"hwmon", "rpi_firmware", "rpi_sensors"}},
        {"sys/fs/bcachefs/", {"bcachefs"}},
        {"sys/fs/bcache/", {"bcache"}},
        {"sys/fs/btrfs/", {"btrfs"}},
        {"sys/fs/ext4/", {"rpi_storage"}},
        {"sys/fs/xfs/", {"xfs"}},
        {"sys/fs/selinux/", {"selinux"}},
        {"sys/kernel/mm/ksm/", {"ksmd"}},
        {"textfile/", {"textfile"}},
        {"udev/", {"diskstats"}},
    };
    return rows;
}

}  // namespace

std::span<const std::string_view> owners_of(std::string_view path) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || path.ends_with("/.keep")) return {};
    path.remove_prefix(slash + 1);
    for (const auto& owner : table())
        if (path.starts_with(owner.prefix)) return owner.collectors;
    return {};
}
