// The collectors that read files of /proc: lines that are not as they should be, each refused by its own
// collector with an error that names file and line.
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

#include <algorithm>

namespace pifleet::node::test {

namespace {

struct Bad {
    const char* collector;
    const char* file;
    const char* content;
    const char* complaint;  // a part of it
};

constexpr const char* ipvs_heading = "IP Virtual Server version 1.2.1 (size=4096)\n";

const Bad bad_files[] = {
    {"arp", "net/arp", "IP address\n1.2.3.4 0x1 0x2 aa:bb * \n", "line 2: not six columns"},
    {"arp", "net/arp", "1.2.3.4 0x1 0x2 aa:bb * eth0\n", "line 1: not the kernel's heading"},
    {"buddyinfo", "buddyinfo", "Node 0, zone DMA\n", "line 1: no numbers"},
    {"buddyinfo", "buddyinfo", "Node 0 zone DMA 1\n", "line 1: not 'Node"},
    {"buddyinfo", "buddyinfo", "Node 0, zone DMA 1 x\n", "line 1: 'x' is not a number"},
    {"cgroups", "cgroups", "#subsys_name\nmemory 0 1\n", "line 2: '' is not a number"},
    {"filefd", "sys/fs/file-nr", "1 0\n", "line 1: '' is not a number"},
    {"filefd", "sys/fs/file-nr", "-1 0 5\n", "line 1: '-1' is not a number"},
    {"interrupts", "interrupts", "no cpu\n 1: 2 x\n", "line 1: not a heading"},
    {"interrupts", "interrupts", " CPU0\nabc\n", "line 2: not 'TYPE"},
    {"interrupts", "interrupts", " CPU0\n 1: abc x\n", "line 2: not 'TYPE"},
    {"lnstat", "net/stat/arp_cache", "entries\nzz\n", "line 2: 'zz' is not a number"},
    {"lnstat", "net/stat/arp_cache", "entr\"ies\n1\n", "line 2: no field"},
    {"mdadm", "mdstat", "Personalities : [raid1]\nmd0 active raid1\n", "line 2: not 'DEVICE : active"},
    {"mdadm", "mdstat", "md0 : active raid1 a[0]\n", "the size of the array is missing"},
    {"mdadm", "mdstat", "md0 : active raid1 a[0]\n  x blocks [2/2] [UU]\n", "line 2: 'x' is not a number"},
    {"mdadm", "mdstat", "md0 : active raid1 a[0]\n  5 blocks\n", "line 2: no number of disks"},
    {"mdadm",
     "mdstat",
     "md0 : active raid1 a[0]\n 5 blocks [2/2] [UU]\n resync = 1% (x/5)\n",
     "line 3: no progress"},
    {"mountstats",
     "self/mountstats",
     "device a:/b mounted at /c with fstype nfs statvers=1.1\n",
     "line 1: not 'device"},
    {"mountstats",
     "self/mountstats",
     "device a:/b mounted on /c with fstype nfs statvers=1.1\n bytes: 1 2\n",
     "line 2: too few numbers"},
    {"mountstats",
     "self/mountstats",
     "device a:/b mounted on /c with fstype nfs statvers=1.1\n xprt: tcp x\n",
     "line 2: not a line of numbers"},
    {"mountstats",
     "self/mountstats",
     "device a:/b mounted on /c with fstype nfs statvers=1.1\n per-op\n READ 1\n",
     "line 3: no operation"},
    {"netstat", "net/netstat", "TcpExt: A B\nTcpExt: 1\n", "line 2: no number for TcpExt_B"},
    {"netstat", "net/netstat", "TcpExt: A\nTcpExt: 1 2\n", "line 2: more values"},
    {"netstat", "net/netstat", "TcpExt: A\nIpExt: 1\n", "line 2: names and values"},
    {"netstat", "net/netstat", "TcpExt: A\n", "line 1: names and values"},
    {"netstat", "net/netstat", "TcpExt: A{\nTcpExt: 1\n", "line 2: no field"},
    {"nfs", "net/rpc/nfs", "net 1 2\nrpc x\n", "line 2: not a name and numbers"},
    {"nfs", "net/rpc/nfs", "proc3 22 1 2\n", "line 1: not as many numbers"},
    {"nfsd", "net/rpc/nfsd", "rc\n", "line 1: not a name and numbers"},
    {"pressure", "pressure/cpu", "some avg10=0 total=x\n", "'x' is not a number"},
    {"pressure", "pressure/cpu", "full avg10=0 total=1\n", "no total= in a line 'some'"},
    {"schedstat", "schedstat", "version 15\ncpu0 1 2 3\n", "line 2: '' is not a number"},
    {"schedstat", "schedstat", "version 15\ncpux 1 2 3 4 5 6 7 8 9\n", "line 2: a CPU without"},
    {"slabinfo", "slabinfo", "slabinfo - version: 1.1\n", "line 1: not version 2"},
    {"slabinfo", "slabinfo", "slabinfo - version: 2.1\n# name\nx 1 2 3 4\n", "line 3: '' is not a number"},
    {"sockstat", "net/sockstat", "TCP: inuse\n", "line 1: '' is not a number"},
    {"sockstat", "net/sockstat", "TCP inuse 5\n", "line 1: no protocol"},
    {"sockstat", "net/sockstat6", "T\"P: inuse 5\n", "line 1: no protocol"},
    {"softirqs", "softirqs", "x\n", "line 1: not a heading"},
    {"softirqs", "softirqs", " CPU0 CPU1\n HI: 1\n", "line 2: '' is not a number"},
    {"softnet", "net/softnet_stat", "1 2 3\n", "line 1: too few numbers"},
    {"softnet", "net/softnet_stat", "1 2 3 4 5 6 7 8 x\n", "line 1: not a row"},
    {"swap", "swaps", "Filename\n/dev/x partition 5 1\n", "line 2: no priority"},
    {"tcpstat", "net/tcp", " sl\n 0: a b 01 5\n", "line 2: no pair"},
    {"udp_queues", "net/udp", " sl\n 0: a b 07 5:x\n", "line 2: no pair"},
    {"vmstat", "vmstat", "pgpgin 5\npgpgout\n", "line 2: not 'FIELD NUMBER'"},
    {"vmstat", "vmstat", "pg{in 5\n", "line 1: no field"},
    {"xfrm", "net/xfrm_stat", "XfrmInError 1\nXfrmInHdrError x\n", "line 2: 'x' is not a number"},
    {"zfs", "spl/kstat/zfs/arcstats", "1 2\nnme type data\n", "line 2: not the heading"},
    {"zfs", "spl/kstat/zfs/arcstats", "1 2\nname type data\nhits 4 x\n", "line 3: not 'NAME TYPE"},
    {"zfs", "spl/kstat/zfs/tank/state", "SLEEPING\n", "'sleeping' is no state"},
    {"zfs", "spl/kstat/zfs/tank/io", "1 2\nnread\nx\n", "line 3: 'x' is not a number"},
    {"zoneinfo", "zoneinfo", "  min 5\n", "line 1: not 'Node"},
    {"zoneinfo", "zoneinfo", "Node 0, zone DMA\n min x\n", "line 2: 'x' is not a number"},
    {"zoneinfo", "zoneinfo", "Node 0, zone DMA\n protection: 5\n", "line 2: not '(NUMBERS)'"},
};

}  // namespace

TEST_CASE("a malformed line of /proc fails its collector with file and line") {
    for (const auto& bad : bad_files) {
        INFO(bad.collector << ": " << bad.content);
        Machine machine;
        machine.write(std::string("proc/") + bad.file, bad.content);
        if (std::string_view(bad.collector) == "netstat") machine.write("proc/net/snmp", "Ip: A\nIp: 1\n");
        const auto collected = collect(bad.collector, machine.host());
        REQUIRE_FALSE(collected.result);
        CHECK(collected.result.error().kind == Error::Kind::failure);
        const auto& message = collected.result.error().message;
        INFO(message);
        const std::string_view file = bad.file;
        CHECK(message.find(file.substr(file.rfind('/') + 1)) != std::string::npos);
        CHECK(message.find(bad.complaint) != std::string::npos);
    }
}

TEST_CASE("what a kernel need not have is absent and no failure") {
    const Machine machine;
    for (const auto* name : {"conntrack",
                             "ipvs",
                             "kernel_hung",
                             "lnstat",
                             "mdadm",
                             "nfs",
                             "nfsd",
                             "os",
                             "pressure",
                             "schedstat",
                             "udp_queues",
                             "xfrm",
                             "zfs"}) {
        INFO(name);
        const auto collected = collect(name, machine.host());
        REQUIRE_FALSE(collected.result);
        CHECK(collected.result.error().kind == Error::Kind::absent);
        CHECK(collected.page.series.empty());
    }
    for (const auto* name : {"sockstat", "xfs", "sysctl"}) {
        INFO(name);
        const auto collected = collect(name, machine.host());
        CHECK(collected.result);
        CHECK(collected.page.series.empty());
    }
}

TEST_CASE("one protocol or one kind of pressure is enough") {
    Machine machine;
    machine.write("proc/net/udp6", " sl\n 0: a b 07 00000001:00000002 x\n");
    const auto six = collect("udp_queues", machine.host());
    CHECK(six.result);
    CHECK(six.page.series.size() == 2);
    machine.write("proc/net/udp", "garbage\n");
    CHECK(collect("udp_queues", machine.host()).result.error().kind == Error::Kind::failure);
    machine.write("proc/pressure/memory", "some total=1500000\nfull total=7\n");
    const auto memory = collect("pressure", machine.host());
    CHECK(memory.result);
    CHECK(memory.page.at("node_pressure_memory_waiting_seconds_total") == 1.5);
    CHECK(memory.page.series.size() == 2);
}

TEST_CASE("netstat and vmstat show what their patterns name") {
    Machine machine;
    machine.write("proc/net/netstat", "TcpExt: A B\nTcpExt: 1 -2\n");
    machine.write("proc/net/snmp", "Ip: Forwarding\nIp: 18446744073709551615\n");
    machine.write("proc/net/snmp6", "Ip6InReceives 7\n");
    Probe probe("netstat", {"--collector.netstat.fields=^(TcpExt_B|Ip_.*|Ip6_.*)$"});
    for (int i = 0; i < 2; ++i) {  // the second time from memory
        const auto collected = probe(machine.host());
        REQUIRE(collected.result);
        CHECK(collected.page.series.size() == 3);
        CHECK(collected.page.at("node_netstat_TcpExt_B") == -2);
        CHECK(collected.page.at("node_netstat_Ip_Forwarding") == 18446744073709551615.0);
        CHECK(collected.page.at("node_netstat_Ip6_InReceives") == 7);
    }
    CHECK_FALSE(make_error("vmstat", {"--collector.vmstat.fields=["}).empty());
}

TEST_CASE("ipvs adds up what its labels do not tell apart") {
    Machine machine;
    machine.write("proc/net/ip_vs_stats", "a\nb\n 1 2 3 4 A\n");
    machine.write(
        "proc/net/ip_vs",
        std::string(ipvs_heading) +
            "TCP C0A80016:0CEA wlc\n -> C0A85216:0CEA Tunnel 100 248 2\n -> C0A85318:0CEA Tunnel 50 1 7\n");
    const auto collected =
        collect("ipvs", machine.host(), {"--collector.ipvs.backend-labels=proto,local_address"});
    REQUIRE(collected.result);
    CHECK(collected.page.at("node_ipvs_outgoing_bytes_total") == 10);
    CHECK(collected.page.at("node_ipvs_backend_weight{local_address=\"192.168.0.22\",proto=\"TCP\"}") == 150);
    CHECK(make_error("ipvs", {"--collector.ipvs.backend-labels=prto"}).find("'proto'") != std::string::npos);
    for (const auto* bad : {"TCP C0A80016 wlc\n",
                            "TCP C0A8001:0CEA wlc\n",
                            "TCP [::zz]:0CEA wlc\n",
                            "TCP C0A80016:0CEA wlc\n -> C0A85216:1ffff Tunnel 1 1 1\n",
                            "TCP C0A80016:0CEA wlc\n -> C0A85216:0CEA Tunnel 1 x 1\n"}) {
        INFO(bad);
        machine.write("proc/net/ip_vs", std::string(ipvs_heading) + bad);
        CHECK_FALSE(collect("ipvs", machine.host()).result);
    }
}

TEST_CASE("os reads quoted values, and the version as a number") {
    Machine machine;
    machine.write("root/etc/os-release", "# c\n\nNAME='A \"B\"'\nVERSION_ID=\"3.19.1\"\nID=\"a\\\"b\"\n");
    const auto collected = collect("os", machine.host());
    REQUIRE(collected.result);
    CHECK(collected.page.at("node_os_version{id=\"a\"b\",id_like=\"\",name=\"A \"B\"\"}") == 3.19);
    for (const auto* bad :
         {"NAME=\"open\n", "no equals\n", "NAME=x\nSUPPORT_END=2029-13-01\n", "SUPPORT_END=soon\n"}) {
        INFO(bad);
        machine.write("root/etc/os-release", bad);
        CHECK_FALSE(collect("os", machine.host()).result);
    }
    machine.write("root/etc/os-release", "NAME=Rolling\nVERSION_ID=rolling\nSUPPORT_END=1970-01-02\n");
    const auto rolling = collect("os", machine.host());
    CHECK(rolling.page.count("node_os_version") == 0);
    CHECK(rolling.page.at("node_os_support_end_timestamp_seconds") == 86400);
}

TEST_CASE("selinux is on when a policy is loaded") {
    Machine machine;
    CHECK(collect("selinux", machine.host()).page.at("node_selinux_enabled") == 0);
    machine.write("sys/fs/selinux/enforce", "1");
    machine.write("proc/self/attr/current", "kernel");
    CHECK(collect("selinux", machine.host()).page.at("node_selinux_enabled") == 0);
    machine.write("proc/self/attr/current", "system_u:system_r:kernel_t:s0");
    machine.write("root/etc/selinux/config",
                  "# SELINUX=disabled\nSELINUX=permissive\nSELINUXTYPE=targeted\n");
    const auto page = collect("selinux", machine.host()).page;
    CHECK(page.at("node_selinux_enabled") == 1);
    CHECK(page.at("node_selinux_config_mode") == 0);
    CHECK(page.at("node_selinux_current_mode") == 1);
}

TEST_CASE("tcpstat counts the sockets of both tables") {
    Machine machine;
    machine.write("proc/net/tcp", " sl\n 0: a b 0A 00000000:00000001 x\n 1: a b 01 00000010:00000002 x\n");
    machine.write("proc/net/tcp6", " sl\n 0: a b 01 00000000:00000000 x\n 1: a b 7F 00000000:00000000 x\n");
    const auto collected = collect("tcpstat", machine.host());
    REQUIRE(collected.result);
    CHECK(collected.page.at("node_tcp_connection_states{state=\"listen\"}") == 1);
    CHECK(collected.page.at("node_tcp_connection_states{state=\"established\"}") == 2);
    CHECK(collected.page.at("node_tcp_connection_states{state=\"unknown\"}") == 1);
    CHECK(collected.page.at("node_tcp_connection_states{state=\"tx_queued_bytes\"}") == 16);
    CHECK(collected.page.at("node_tcp_connection_states{state=\"rx_queued_bytes\"}") == 3);
}

TEST_CASE("runit shows what its supervisors wrote down") {
    Machine machine;
    const auto flag = "--collector.runit.servicedir=" + machine.path("service");
    const auto scrape = [&] { return collect("runit", machine.host(), {flag.c_str()}); };
    CHECK(scrape().result.error().kind == Error::Kind::absent);
    using namespace std::string_view_literals;
    machine.write("service/web/supervise/status",
                  "\x40\0\0\0\0\0\0\x0b"
                  "\0\0\0\0"
                  "\1\0\0\0"
                  "\0d\0\1"sv);
    machine.write("service/web/down", "");
    machine.write("service/new/run", "");
    const auto good = scrape();
    CHECK(good.result);
    const auto value = [&good](const std::string& family) {
        return good.page.at("node_service_" + family + "{service=\"web\",supervisor=\"runit\"}");
    };
    CHECK(value("state") == 1);
    CHECK(value("desired_state") == 0);
    CHECK(value("normal_state") == 0);
    CHECK(value("state_last_change_timestamp_seconds") == 1);
    CHECK(good.page.series.size() == 4);
    machine.write("service/bad/supervise/status", "short");
    const auto bad = scrape();
    CHECK_FALSE(bad.result);
    CHECK(bad.page.series == good.page.series);
}

TEST_CASE("sysctl refuses keys that do not fit the numbers") {
    Machine machine;
    machine.write("proc/sys/net/ipv4/tcp_rmem", "1\t2\t3\n");
    const auto with = [&](const char* flag) { return collect("sysctl", machine.host(), {flag}); };
    CHECK(with("--collector.sysctl.include=net.ipv4.tcp_rmem:a,b,c")
              .page.at("node_sysctl_net_ipv4_tcp_rmem_b") == 2);
    CHECK(with("--collector.sysctl.include=net.ipv4.tcp_rmem")
              .page.has("node_sysctl_net_ipv4_tcp_rmem{index=\"2\"}"));
    CHECK_FALSE(with("--collector.sysctl.include=net.ipv4.tcp_rmem:a,b").result);
    CHECK_FALSE(with("--collector.sysctl.include=net.ipv4.tcp_wmem").result);
    machine.write("proc/sys/net/ipv4/tcp_rmem", "one\n");
    CHECK_FALSE(with("--collector.sysctl.include=net.ipv4.tcp_rmem").result);
}

}  // namespace pifleet::node::test
