// Families whose labels are taken from files, so that damage to one may make another series of it.
#pragma once

namespace pifleet::node::test {

inline constexpr const char* families_labelled_by_files[] = {
    "node_disk_info",
    "node_disk_filesystem_info",
    "node_disk_device_mapper_info",
    "node_hwmon_",
    "node_thermal_zone",
    "node_cooling_device",
    "node_time_clocksource",
    "node_cpu_online",
    "node_time_zone_offset",
    "node_cpu_info",
    "node_cpu_flag_info",
    "node_cpu_bug_info",
    "node_cpu_frequency",
    "node_mountstats_",
    "node_os_info",
    "node_os_version",
    "node_processes_",
    "node_sysctl_info",
    "node_zfs_zpool_dataset",
    "node_cpu_scaling_governor",
    // A list that lost a name has fewer.
    "node_bcachefs_device_info",
    "node_bonding_",
    "node_btrfs_info",
    "node_btrfs_allocation_ratio",
    "node_cpu_vulnerabilities_info",
    "node_dmi_info",
    "node_drm_card_info",
    "node_fibrechannel_info",
    "node_fibrechannel_dumped_frames_total",  // all ones, cut short
    "node_infiniband_info",
    "node_network_info",
    "node_network_up",
    "node_nvme_info",
    "node_nvme_namespace_info",
    // 0 or -1 where there is no file.
    "node_pcidevice_",
    "node_power_supply_info",
    "node_rapl_",
    "node_watchdog_info",
    "rpi_bootloader_info",
    "rpi_info",
    "rpi_mmc_info",
    // The next best source knows of other conditions.
    "rpi_throttled_"};

}  // namespace pifleet::node::test
