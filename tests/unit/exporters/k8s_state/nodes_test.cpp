// Nodes as the captures do not have them.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

Strings node(std::string_view family, const std::string& members, const std::string& metadata = "") {
    return lines_of("nodes",
                    "kube_node_" + std::string(family),
                    "{'metadata': {'name': 'pi-1', 'uid': 'u'" + metadata + "}, " + members + "}");
}

}  // namespace

TEST_CASE("k8s nodes: the internal address is the last of its type") {
    const std::string members =
        "'spec': {'providerID': 'k3s://pi-1', 'podCIDR': '10.42.0.0/24', 'podCIDRs': ['10.42.0.0/24', "
        "'fd42::/64']}, 'status': {'nodeInfo': {'kernelVersion': '6.12', 'osImage': 'Debian', "
        "'containerRuntimeVersion': 'containerd://2', 'kubeletVersion': 'v1.36', 'kubeProxyVersion': "
        "'v1.36', "
        "'systemUUID': 's-1'}, 'addresses': [{'type': 'InternalIP', 'address': '192.168.1.2'}, {'type': "
        "'Hostname', 'address': 'pi-1'}, {'type': 'InternalIP', 'address': 'fd00::2'}]}";
    CHECK(node("info", members) ==
          Strings{R"(kernel_version="6.12",os_image="Debian",container_runtime_version="containerd://2",)"
                  R"(kubelet_version="v1.36",kubeproxy_version="deprecated",provider_id="k3s://pi-1",)"
                  R"(pod_cidr="10.42.0.0/24",system_uuid="s-1",internal_ip="fd00::2"} 1)"});
    CHECK(node("spec_pod_cidrs", members) ==
          Strings{R"(pod_cidr="10.42.0.0/24"} 1)", R"(pod_cidr="fd42::/64"} 1)"});
    CHECK(node("status_addresses", members) == Strings{R"(type="InternalIP",address="192.168.1.2"} 1)",
                                                       R"(type="Hostname",address="pi-1"} 1)",
                                                       R"(type="InternalIP",address="fd00::2"} 1)"});
}

TEST_CASE("k8s nodes: roles are labels' names, whatever their values") {
    CHECK(node("role",
               "'spec': {}",
               ", 'labels': {'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/nas': "
               "'false', "
               "'kubernetes.io/role': 'x', 'node-role.kubernetes.io': 'y'}") ==
          Strings{R"(role="control-plane"} 1)", R"(role="nas"} 1)"});
}

TEST_CASE("k8s nodes: taints, and whether pods may come") {
    CHECK(node("spec_taint",
               "'spec': {'taints': [{'key': 'disk', 'value': 'slow', 'effect': 'PreferNoSchedule'}, {'key': "
               "'node.kubernetes.io/unreachable', 'effect': 'NoExecute', 'timeAdded': "
               "'2026-11-22T12:21:46Z'}]}") ==
          Strings{R"(key="disk",value="slow",effect="PreferNoSchedule"} 1)",
                  R"(key="node.kubernetes.io/unreachable",value="",effect="NoExecute"} 1)"});
    CHECK(node("spec_unschedulable", "'spec': {'unschedulable': true}") == Strings{"1"});
    CHECK(node("spec_unschedulable", "'spec': {}") == Strings{"0"});
}

TEST_CASE("k8s nodes: resources in their units") {
    const std::string status =
        "'status': {'capacity': {'cpu': '3800m', 'memory': '1Gi', 'pods': '110', 'ephemeral-storage': '10k', "
        "'hugepages-64Ki': '0', 'attachable-volumes-csi-longhorn': '20', 'example.org/coral-tpu': '1', "
        "'devices.kubevirt.io/kvm': '1k', 'kubernetes.io/batch': '1', 'batch': '1'}, 'allocatable': {'cpu': "
        "'4', "
        "'pods': 110}}";
    CHECK(node("status_capacity", status) ==
          Strings{R"(resource="cpu",unit="core"} 3.8)",
                  R"(resource="memory",unit="byte"} 1073741824)",
                  R"(resource="pods",unit="integer"} 110)",
                  R"(resource="ephemeral_storage",unit="byte"} 10000)",
                  R"(resource="hugepages_64Ki",unit="byte"} 0)",
                  R"(resource="attachable_volumes_csi_longhorn",unit="byte"} 20)",
                  R"(resource="example_org_coral_tpu",unit="integer"} 1)",
                  R"(resource="devices_kubevirt_io_kvm",unit="integer"} 1000)"});
    CHECK(node("status_allocatable", status) ==
          Strings{R"(resource="cpu",unit="core"} 4)", R"(resource="pods",unit="integer"} 110)"});
}

TEST_CASE("k8s nodes: conditions of any type") {
    CHECK(node("status_condition",
               "'status': {'conditions': [{'type': 'UnderVoltage', 'status': 'True'}, {'type': 'Ready', "
               "'status': "
               "'Unknown'}]}") == Strings{R"(condition="UnderVoltage",status="true"} 1)",
                                          R"(condition="UnderVoltage",status="false"} 0)",
                                          R"(condition="UnderVoltage",status="unknown"} 0)",
                                          R"(condition="Ready",status="true"} 0)",
                                          R"(condition="Ready",status="false"} 0)",
                                          R"(condition="Ready",status="unknown"} 1)"});
}
