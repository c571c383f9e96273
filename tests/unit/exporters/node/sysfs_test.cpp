// The collectors that read /sys, beyond what the golden pages show: flags, absence, faults, netlink.
#include "exporters/node/collectors/net_device.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <linux/if.h>

namespace pifleet::node::test {

namespace {

std::string error_of(const Collected& collected) {
    return collected.result ? std::string() : collected.result.error().message;
}

}  // namespace

TEST_CASE("what a machine does not have is absent, not a failure") {
    Machine machine;
    for (const auto* name : {"bcache",
                             "bonding",
                             "btrfs",
                             "cpu_vulnerabilities",
                             "cpufreq",
                             "dmi",
                             "drm",
                             "edac",
                             "fibrechannel",
                             "infiniband",
                             "ksmd",
                             "meminfo_numa",
                             "netclass",
                             "nvme",
                             "powersupplyclass",
                             "rapl",
                             "tapestats",
                             "watchdog"}) {
        INFO(name);
        const auto collected = collect(name, machine.host());
        CHECK((collected.result || collected.result.error().kind == Error::Kind::absent));
        CHECK(collected.page.series.empty());
    }
}

TEST_CASE("cpufreq works without the list of CPUs that are offline") {
    Machine machine;
    machine.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "600000\n");
    machine.write("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "<unknown>\n");
    machine.write("sys/devices/system/cpu/cpu10/cpufreq/scaling_cur_freq", "700000\n");
    machine.write("sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "1\n");
    const auto collected = collect("cpufreq", machine.host());
    CHECK(error_of(collected).find("cpu1/cpufreq/scaling_cur_freq") != std::string::npos);
    CHECK(collected.page.at("node_cpu_scaling_frequency_hertz{cpu=\"10\"}") == 7e8);
    CHECK(collected.page.count("node_cpu_scaling_frequency_hertz") == 2);
}

TEST_CASE("network devices can be ignored, and speeds that are not known") {
    Machine machine;
    machine.write("sys/class/net/eth0/speed", "-1\n");
    machine.write("sys/class/net/eth0/operstate", "up\n");
    machine.write("sys/class/net/veth1/mtu", "1500\n");
    machine.write("sys/class/net/bonding_masters", "\n");
    auto page = collect("netclass", machine.host()).page;
    CHECK(page.at("node_network_speed_bytes{device=\"eth0\"}") == -125000);
    CHECK(page.at("node_network_up{device=\"eth0\"}") == 1);
    CHECK(page.count("node_network_info") == 2);
    CHECK(
        page.has("node_network_info{address=\"\",adminstate=\"unknown\",broadcast=\"\",device=\"veth1\","
                 "duplex=\"\",ifalias=\"\",operstate=\"\"}"));
    page =
        collect("netclass",
                machine.host(),
                {"--collector.netclass.ignore-invalid-speed", "--collector.netclass.ignored-devices=^veth"})
            .page;
    CHECK(page.count("node_network_speed_bytes") == 0);
    CHECK(page.count("node_network_info") == 1);
    CHECK(make_error("netclass", {"--collector.netclass.ignored-devices=("}).find("ignored-devices") !=
          std::string::npos);

    machine.write("sys/class/net/eth0/mtu", "big\n");
    const auto collected = collect("netclass", machine.host());
    CHECK(error_of(collected).find("eth0/mtu") != std::string::npos);
    CHECK(collected.page.count("node_network_up") == 2);
}

TEST_CASE("a link's values are those of its files") {
    Link link;
    link.name = "eth0";
    link.index = 4;
    link.flags = IFF_UP | IFF_BROADCAST | IFF_MULTICAST | IFF_RUNNING | IFF_LOWER_UP;
    link.promiscuity = 1;
    link.operstate = 6;
    link.carrier = 1;
    auto device = net_device_of(link);
    CHECK(device.operstate == "up");
    CHECK(device.numbers[net_flags] == 0x1103);
    CHECK(device.numbers[net_link] == 4);
    CHECK(device.numbers[net_carrier] == 1);
    CHECK(device.numbers[net_dormant] == 0);
    CHECK_FALSE(device.numbers[net_speed]);

    // Of a device that is down, the files of carrier and dormancy cannot be read.
    link.flags = IFF_BROADCAST;
    link.lower = 2;
    device = net_device_of(link);
    CHECK(device.operstate == "down");
    CHECK_FALSE(device.numbers[net_carrier]);
    CHECK_FALSE(device.numbers[net_dormant]);
    CHECK(device.numbers[net_link] == 2);
    link.flags = IFF_UP;
    link.operstate = 77;
    CHECK(net_device_of(link).operstate == "down");
}

TEST_CASE("netlink tells of this machine what its files tell") {
    auto links = read_links_by_netlink();
    if (!links) return;  // not allowed in here
    Host here;
    Probe by_netlink("netclass");
    by_netlink(here);
    const auto first = by_netlink(here);  // with what is remembered from the scrape before
    CHECK(first.result);
    Host by_file_names;
    by_file_names.sysfs = "/sys/.";
    const auto files = collect("netclass", by_file_names);
    CHECK(files.result);
    CHECK(first.page.series == files.page.series);
}

TEST_CASE("a slave of a bond that cannot be asked is a failure of that bond") {
    Machine machine;
    machine.write("sys/class/net/bonding_masters", "bond0 bond1\n");
    machine.write("sys/class/net/bond0/bonding/slaves", "eth0\n");
    machine.write("sys/class/net/bond1/bonding/slaves", "eth1 eth2\n");
    machine.write("sys/class/net/bond1/lower_eth1/bonding_slave/mii_status", "down\n");
    machine.write("sys/class/net/bond1/slave_eth2/bonding_slave/mii_status", "up\n");
    const auto collected = collect("bonding", machine.host());
    CHECK(error_of(collected).find("bond0") != std::string::npos);
    CHECK(collected.page.at("node_bonding_slaves{master=\"bond1\"}") == 2);
    CHECK(collected.page.at("node_bonding_active{master=\"bond1\"}") == 1);
    CHECK(collected.page.count("node_bonding_") == 2);
}

TEST_CASE("the flags of single collectors") {
    Machine machine;
    machine.write("sys/class/powercap/intel-rapl:0/name", "package-0\n");
    machine.write("sys/class/powercap/intel-rapl:0/energy_uj", "1500000\n");
    const auto zones = collect("rapl", machine.host(), {"--collector.rapl.enable-zone-label"}).page;
    CHECK(zones.at("node_rapl_joules_total{index=\"0\",path=\"" +
                   machine.path("sys/class/powercap/intel-rapl:0") + "\",rapl_zone=\"package\"}") == 1.5);

    machine.write("sys/class/scsi_tape/st0/stats/in_flight", "1\n");
    machine.write("sys/class/scsi_tape/st1/stats/in_flight", "2\n");
    CHECK(collect("tapestats", machine.host(), {"--collector.tapestats.ignored-devices=0$"})
              .page.series.size() == 1);

    machine.write("sys/class/power_supply/AC/online", "1\n");
    machine.write("sys/class/power_supply/BAT0/capacity", "50\n");
    const auto supplies =
        collect("powersupplyclass", machine.host(), {"--collector.powersupply.ignored-supplies=^AC$"}).page;
    CHECK(supplies.count("node_power_supply_info") == 1);
    CHECK(supplies.at("node_power_supply_capacity{power_supply=\"BAT0\"}") == 50);

    const std::string set = "sys/fs/bcache/a-b/";
    machine.write(set + "cache0/priority_stats", "Unused:\t\t99%\nMetadata:\t5%\nAverage:\t10473\n");
    machine.write(set + "bdev0/writeback_rate_debug", "rate:\t\t4.0k/sec\nchange:\t\t-2.5M/sec\n");
    CHECK(collect("bcache", machine.host()).page.count("node_bcache_priority") == 0);
    const auto cache = collect("bcache", machine.host(), {"--collector.bcache.priorityStats"}).page;
    CHECK(cache.at("node_bcache_priority_stats_unused_percent{cache_device=\"cache0\",uuid=\"a-b\"}") == 99);
    CHECK(cache.at("node_bcache_priority_stats_metadata_percent{cache_device=\"cache0\",uuid=\"a-b\"}") == 5);
    CHECK(cache.at("node_bcache_writeback_rate{backing_device=\"bdev0\",uuid=\"a-b\"}") == 4096);
    CHECK(cache.at("node_bcache_writeback_change{backing_device=\"bdev0\",uuid=\"a-b\"}") == -2609152);
    machine.write(set + "bdev0/dirty_data", "1.x\n");
    CHECK(error_of(collect("bcache", machine.host())).find("dirty_data") != std::string::npos);
}

TEST_CASE("btrfs tells how much of the disks each profile takes") {
    Machine machine;
    const std::string system = "sys/fs/btrfs/aaaa-bbbb/";
    for (const auto* disk : {"sda", "sdb", "sdc", "sdd"})
        machine.write(system + "devices/" + disk + "/size", "8\n");
    for (const std::string profile : {"single", "raid1c3", "raid1c4", "raid5", "raid6", "raid10"}) {
        machine.write(system + "allocation/data/" + profile + "/total_bytes", "10\n");
        machine.write(system + "allocation/data/" + profile + "/used_bytes", "5\n");
    }
    const auto page = collect("btrfs", machine.host()).page;
    const auto ratio = [&](const std::string& profile) {
        return page.at("node_btrfs_allocation_ratio{block_group_type=\"data\",mode=\"" + profile +
                       "\",uuid=\"aaaa-bbbb\"}");
    };
    CHECK(ratio("single") == 1);
    CHECK(ratio("raid10") == 2);
    CHECK(ratio("raid1c3") == 3);
    CHECK(ratio("raid1c4") == 4);
    CHECK(ratio("raid5") == 4.0 / 3.0);
    CHECK(ratio("raid6") == 2);
    CHECK(page.at("node_btrfs_device_size_bytes{device=\"sdd\",uuid=\"aaaa-bbbb\"}") == 4096);
}

TEST_CASE("a memory node's damaged line is named") {
    Machine machine;
    for (const auto* bad : {"Node 0 MemTotal: x kB\n",
                            "MemTotal: 1 kB\n",
                            "Node 0 MemTotal 1 kB\n",
                            "Node 0 Mem-Total: 1 kB\n",
                            "Node 0 MemTotal: 1 MB\n",
                            "Node 0 MemTotal: 1 kB\nNode 0 MemTotal: 1 kB\n"}) {
        INFO(bad);
        machine.write("sys/devices/system/node/node0/meminfo", bad);
        CHECK(error_of(collect("meminfo_numa", machine.host())).find("node0/meminfo") != std::string::npos);
    }
}

TEST_CASE("a Fibre Channel adapter may lack counters and names") {
    Machine machine;
    machine.write("sys/class/fc_host/host0/statistics/rx_frames", "0x1f\n");
    machine.write("sys/class/fc_host/host0/statistics/tx_frames", "0xffffffffffffffff\n");
    machine.write("sys/class/fc_host/host0/statistics/nos_count", "0xno\n");
    const auto collected = collect("fibrechannel", machine.host());
    CHECK(error_of(collected).find("nos_count") != std::string::npos);
    CHECK(collected.page.at("node_fibrechannel_rx_frames_total{fc_host=\"host0\"}") == 31);
    CHECK(collected.page.series.size() == 2);
}

}  // namespace pifleet::node::test
