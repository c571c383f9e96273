// PCI devices and DRBD, beyond what the golden pages show: names, old kernels' files, damage.
#include "exporters/node/collectors/drbd.hpp"
#include "exporters/node/collectors/pci_ids.hpp"
#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"

namespace pifleet::node::test {

namespace {

std::string error_of(const Collected& collected) {
    return collected.result ? std::string() : collected.result.error().message;
}

const std::string device = "sys/devices/pci0000:00/0000:00:01.0/";

void write_device(const Machine& machine) {
    machine.link("sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
    for (const auto* file : {"class", "vendor", "device", "subsystem_vendor", "subsystem_device", "revision"})
        machine.write(device + file, "0x10\n");
}

constexpr const char* labels = "{bus=\"00\",device=\"01\",function=\"0\",segment=\"0000\"}";

}  // namespace

TEST_CASE("a PCI device may have neither link, power state nor memory node") {
    Machine machine;
    CHECK(collect("pcidevice", machine.host()).result.error().kind == Error::Kind::absent);
    write_device(machine);
    auto collected = collect("pcidevice", machine.host());
    CHECK(collected.result);
    CHECK(collected.page.count("node_pcidevice_info") == 1);
    CHECK(collected.page.at(std::string("node_pcidevice_max_link_width") + labels) == -1);
    CHECK(collected.page.at(std::string("node_pcidevice_sriov_totalvfs") + labels) == 0);
    CHECK(collected.page.count("node_pcidevice_power_state") == 0);
    CHECK(collected.page.count("node_pcidevice_numa_node") == 0);

    machine.write(device + "current_link_speed", "8 GT/s\n");  // as Linux 4.x has it
    machine.write(device + "max_link_speed", "Unknown speed\n");
    collected = collect("pcidevice", machine.host());
    CHECK(collected.page.at(std::string("node_pcidevice_current_link_transfers_per_second") + labels) == 8e9);
    CHECK(collected.page.at(std::string("node_pcidevice_max_link_transfers_per_second") + labels) == -1);
}

TEST_CASE("a PCI device's damaged file is named and costs one number") {
    Machine machine;
    write_device(machine);
    for (const auto& [file, content] : {std::pair{"current_link_speed", "8.0 MB/s\n"},
                                        {"current_link_speed", "fast\n"},
                                        {"current_link_width", "4 GT/s\n"},
                                        {"power_state", "D9\n"},
                                        {"numa_node", "0x\n"},
                                        {"sriov_numvfs", "-1\n"}}) {
        INFO(file << " " << content);
        machine.write(device + file, content);
        const auto collected = collect("pcidevice", machine.host());
        CHECK(error_of(collected).find(file) != std::string::npos);
        CHECK(collected.page.count("node_pcidevice_info") == 1);
        std::filesystem::remove(machine.path(device + file));
    }
    machine.write(device + "vendor", "8086\n");
    CHECK(error_of(collect("pcidevice", machine.host())).find("/vendor") != std::string::npos);
    machine.link("sys/bus/pci/devices/what", "../../../devices/what");
    CHECK(error_of(collect("pcidevice", machine.host())).find("/vendor") != std::string::npos);
}

TEST_CASE("names of PCI devices") {
    constexpr std::string_view file =
        "# comment\n"
        "8086  Intel\n"
        "\t1572  Ethernet\n"
        "\t\t8086 0007  Four ports\n"
        "\tbroken line\n"
        "1022  AMD\n"
        "\t1572  Something else\n"
        "C 01  Storage\n"
        "\t08  Flash\n"
        "\t\t02  NVMe\n"
        "C 02  Network\n"
        "\t08  Wrong\n";
    auto names = find_pci_names(file, {"8086", "1572", "8086", "0007", "010802"});
    CHECK(names.vendor == "Intel");
    CHECK(names.device == "Ethernet");
    CHECK(names.subsystem_vendor == "Intel");
    CHECK(names.subsystem_device == "Four ports");
    CHECK(names.class_name == "NVMe");
    names = find_pci_names(file, {"1022", "1573", "10de", "0007", "010803"});
    CHECK(names.vendor == "AMD");
    CHECK(names.device == "1573");
    CHECK(names.subsystem_vendor == "10de");
    CHECK(names.subsystem_device == "0007");
    CHECK(names.class_name == "Flash");
    CHECK(find_pci_names(file, {"8086", "1572", "1022", "0007", "019900"}).class_name == "Storage");
    CHECK(find_pci_names(file, {"8086", "1572", "1022", "0007", "ff0000"}).class_name ==
          "Unknown class (ff0000)");
    CHECK(find_pci_names("\t\t\t\n\n\t01  a\n", {"01", "02", "03", "04", "05"}).vendor == "01");
}

TEST_CASE("a file of PCI names that is not there is a failure if it was asked for") {
    Machine machine;
    write_device(machine);
    auto collected =
        collect("pcidevice",
                machine.host(),
                {"--collector.pcidevice.names", "--collector.pcidevice.idsfile=/absent/pci.ids"});
    CHECK(error_of(collected).find("/absent/pci.ids") != std::string::npos);
    CHECK(collected.page.count("node_pcidevice_info") == 1);
    machine.write("pci.ids", "0010  Sixteen\n");
    const auto flag = "--collector.pcidevice.idsfile=" + machine.path("pci.ids");
    Probe probe("pcidevice", {"--collector.pcidevice.names", flag.c_str()});
    const auto first = probe(machine.host());
    CHECK(first.result);
    CHECK(first.page.series.begin()->first.find("vendor_name=\"Sixteen\"") == std::string::npos);
    std::filesystem::remove(machine.path("pci.ids"));  // known by now
    const auto second = probe(machine.host());
    CHECK(second.result);
    CHECK(first.page.series == second.page.series);
}

TEST_CASE("DRBD's devices, and what cannot be theirs") {
    Machine machine;
    CHECK(collect("drbd", machine.host()).result.error().kind == Error::Kind::absent);
    const std::string head = "version: 8.4.11 (api:1/proto:86-101)\n";
    machine.write("proc/drbd", "version: 9.1.2 (api:2/proto:110-121)\nGIT-hash: 1 build by x@y\n");
    CHECK(collect("drbd", machine.host()).result);
    machine.write("proc/drbd",
                  head + " 3: cs:Connected ro:Primary/Primary ds:UpToDate/UpToDate C r\n    ns:2 nr:3\n");
    const auto page = collect("drbd", machine.host()).page;
    CHECK(page.at("node_drbd_network_sent_bytes_total{device=\"drbd3\"}") == 2048);
    CHECK(page.at("node_drbd_network_received_bytes_total{device=\"drbd3\"}") == 3072);
    CHECK(page.series.size() == 7);
    for (const auto* bad :
         {" 0: cs:Connected ns:x\n", " 0: ro:Primary\n", " 0: ds:a/b/c\n", " 0: ns:\n", " 0: ns:-1\n"}) {
        INFO(bad);
        machine.write("proc/drbd", head + bad);
        CHECK(error_of(collect("drbd", machine.host())).find("proc/drbd line 2") != std::string::npos);
    }
    machine.write("proc/drbd", " 0: cs:Connected\n");
    CHECK(error_of(collect("drbd", machine.host())).find("version") != std::string::npos);
    machine.write("proc/drbd", head + " 0: cs:Connected\n    ns:12");
    CHECK(!error_of(collect("drbd", machine.host())).empty());
}

}  // namespace pifleet::node::test
