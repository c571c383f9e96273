// Pods as the captures do not have them. What is expected follows from the description of each family.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

// A pod with these further members ("'spec': {…}").
Strings pod(std::string_view family, const std::string& members, const std::string& metadata = "") {
    return lines_of(
        "pods",
        "kube_pod_" + std::string(family),
        "{'metadata': {'namespace': 'media', 'name': 'p', 'uid': 'u-1'" + metadata + "}, " + members + "}");
}

const std::string nothing = "'spec': {}, 'status': {}";

Strings with_conditions(std::string_view family, const std::string& conditions) {
    return pod(family, "'status': {'conditions': [" + conditions + "]}");
}

}  // namespace

TEST_CASE("k8s pods: a pod of which little is known has the samples that need nothing") {
    CHECK(pod("info", nothing) ==
          Strings{R"(host_ip="",pod_ip="",node="",created_by_kind="",created_by_name="",priority_class="",)"
                  R"(host_network="false"} 1)"});
    CHECK(pod("owner", nothing) == Strings{R"(owner_kind="",owner_name="",owner_is_controller=""} 1)"});
    CHECK(pod("restart_policy", nothing) == Strings{R"(type=""} 1)"});
    CHECK(pod("service_account", nothing) == Strings{R"(service_account=""} 1)"});
    CHECK(pod("scheduler", nothing) == Strings{R"(name=""} 1)"});
    CHECK(pod("nodeselectors", nothing) == Strings{"1"});
    for (const auto* family : {"created",
                               "deletion_timestamp",
                               "completion_time",
                               "start_time",
                               "status_phase",
                               "status_qos_class",
                               "status_ready",
                               "status_scheduled",
                               "status_reason",
                               "status_unschedulable",
                               "ips",
                               "tolerations",
                               "overhead_cpu_cores",
                               "runtimeclass_name_info",
                               "resourceclaim_info",
                               "spec_volumes_persistentvolumeclaims_info"})
        CHECK(pod(family, nothing).empty());
}

TEST_CASE("k8s pods: who made it is the owner that controls it") {
    const std::string owners =
        ", 'ownerReferences': [{'kind': 'Backup', 'name': 'b'}, {'kind': 'ReplicaSet', 'name': 'rs', "
        "'controller': true}, {'kind': 'X', 'name': 'x', 'controller': false}]";
    CHECK(pod("info",
              "'spec': {'nodeName': 'pi-1', 'priorityClassName': 'high', 'hostNetwork': true}, 'status': "
              "{'hostIP': '192.168.1.2', 'podIP': '10.42.0.3'}",
              owners) ==
          Strings{R"(host_ip="192.168.1.2",pod_ip="10.42.0.3",node="pi-1",created_by_kind="ReplicaSet",)"
                  R"(created_by_name="rs",priority_class="high",host_network="true"} 1)"});
    CHECK(pod("owner", nothing, owners) ==
          Strings{R"(owner_kind="Backup",owner_name="b",owner_is_controller="false"} 1)",
                  R"(owner_kind="ReplicaSet",owner_name="rs",owner_is_controller="true"} 1)",
                  R"(owner_kind="X",owner_name="x",owner_is_controller="false"} 1)"});
}

TEST_CASE("k8s pods: addresses have a family, what is none is left out") {
    CHECK(
        pod("ips",
            "'status': {'podIPs': [{'ip': '10.42.0.3'}, {'ip': 'fd42::1'}, {'ip': '::ffff:10.0.0.1'}, {'ip': "
            "'010.0.0.01'}, {'ip': '10.0.0'}, {'ip': '10.0.0.256'}, {'ip': 'fe80::1%eth0'}, {'ip': ''}, "
            "{'ip': 7}, {}]}") == Strings{R"(ip="10.42.0.3",ip_family="4"} 1)",
                                          R"(ip="fd42::1",ip_family="6"} 1)",
                                          R"(ip="::ffff:10.0.0.1",ip_family="4"} 1)",
                                          R"(ip="010.0.0.01",ip_family="4"} 1)"});
}

TEST_CASE("k8s pods: phase and class of service are one of a few") {
    CHECK(pod("status_phase", "'status': {'phase': 'Failed'}") == Strings{R"(phase="Pending"} 0)",
                                                                          R"(phase="Succeeded"} 0)",
                                                                          R"(phase="Failed"} 1)",
                                                                          R"(phase="Unknown"} 0)",
                                                                          R"(phase="Running"} 0)"});
    CHECK(pod("status_qos_class", "'status': {'qosClass': 'Burstable'}") ==
          Strings{
              R"(qos_class="BestEffort"} 0)", R"(qos_class="Burstable"} 1)", R"(qos_class="Guaranteed"} 0)"});
}

TEST_CASE("k8s pods: an evicted pod says why, in whichever place") {
    CHECK(pod("status_reason", "'status': {'reason': 'Evicted'}") == Strings{R"(reason="Evicted"} 1)"});
    CHECK(pod("status_reason", "'status': {'reason': 'SomethingOdd'}") == Strings{R"(reason="Other"} 1)"});
    // A container's or a condition's unknown reason is none of the pod's; the same reason twice is one.
    CHECK(
        pod("status_reason",
            "'status': {'reason': 'NodeLost', 'conditions': [{'type': 'Ready', 'reason': 'NodeLost'}, "
            "{'type': "
            "'PodScheduled', 'reason': 'SchedulingGated'}, {'type': 'X', 'reason': 'Odd'}], "
            "'containerStatuses': [{'name': 'c', 'state': {'terminated': {'reason': "
            "'UnexpectedAdmissionError'}}}, {'name': 'd', 'state': {'terminated': {'reason': 'Error'}}}]}") ==
        Strings{R"(reason="NodeLost"} 1)",
                R"(reason="SchedulingGated"} 1)",
                R"(reason="UnexpectedAdmissionError"} 1)"});
    CHECK(with_conditions(
              "status_disruption_reason",
              "{'type': 'DisruptionTarget', 'status': 'False', 'reason': 'DeletionByPodGC'}, {'type': "
              "'DisruptionTarget', 'status': 'True', 'reason': 'Mine'}, {'type': 'Ready', 'reason': "
              "'DeletionByPodGC'}") == Strings{R"(reason="DeletionByPodGC"} 1)", R"(reason="Other"} 1)"});
}

TEST_CASE("k8s pods: a pod without a node") {
    const std::string waits =
        "{'type': 'PodScheduled', 'status': 'False', 'reason': 'Unschedulable', "
        "'lastTransitionTime': '2026-11-22T12:21:46Z'}";
    CHECK(with_conditions("status_scheduled", waits) ==
          Strings{R"(condition="true"} 0)", R"(condition="false"} 1)", R"(condition="unknown"} 0)"});
    CHECK(with_conditions("status_unschedulable", waits) == Strings{"1"});
    CHECK(with_conditions("status_unscheduled_time", waits) == Strings{"1795350106"});
    CHECK(with_conditions("status_scheduled_time", waits).empty());
}

TEST_CASE("k8s pods: the times of conditions are those of the status that counts") {
    const auto condition = [](const std::string& type, const std::string& status) {
        return "{'type': '" + type + "', 'status': '" + status +
               "', 'lastTransitionTime': '1970-01-01T00:01:40Z'}";
    };
    CHECK(with_conditions("status_ready_time", condition("Ready", "True")) == Strings{"100"});
    CHECK(with_conditions("status_ready_time", condition("Ready", "False")).empty());
    CHECK(with_conditions("status_ready", condition("Ready", "Unknown")) ==
          Strings{R"(condition="true"} 0)", R"(condition="false"} 0)", R"(condition="unknown"} 1)"});
    CHECK(with_conditions("status_initialized_time", condition("Initialized", "True")) == Strings{"100"});
    CHECK(with_conditions("status_container_ready_time", condition("ContainersReady", "True")) ==
          Strings{"100"});
    CHECK(with_conditions("status_scheduled_time", condition("PodScheduled", "True")) == Strings{"100"});
    CHECK(with_conditions("status_unschedulable", condition("PodScheduled", "True")).empty());
    CHECK(with_conditions("status_unschedulable", condition("PodScheduled", "Unknown")).empty());
}

TEST_CASE("k8s pods: overhead in cores and bytes") {
    const std::string spec = "'spec': {'overhead': {'cpu': '250m', 'memory': '120Mi'}}";
    CHECK(pod("overhead_cpu_cores", spec) == Strings{"0.25"});
    CHECK(pod("overhead_memory_bytes", spec) == Strings{"125829120"});
}

TEST_CASE("k8s pods: each toleration once") {
    const std::string same =
        "{'key': 'a', 'operator': 'Exists', 'effect': 'NoExecute', 'tolerationSeconds': 300}";
    CHECK(pod("tolerations",
              "'spec': {'tolerations': [" + same + ", {'operator': 'Exists'}, " + same +
                  ", {'key': 'a', 'operator': 'Equal', 'value': 'v'}]}") ==
          Strings{R"(key="",operator="Exists",value="",effect="",toleration_seconds=""} 1)",
                  R"(key="a",operator="Equal",value="v",effect="",toleration_seconds=""} 1)",
                  R"(key="a",operator="Exists",value="",effect="NoExecute",toleration_seconds="300"} 1)"});
}

TEST_CASE("k8s pods: volumes that are claims") {
    const std::string spec =
        "'spec': {'volumes': [{'name': 'data', 'persistentVolumeClaim': {'claimName': 'films', "
        "'readOnly': true}}, {'name': 'tmp', 'emptyDir': {}}, {'name': 'scratch', "
        "'ephemeral': {'volumeClaimTemplate': {}}}, {'name': 'rw', "
        "'persistentVolumeClaim': {'claimName': 'music'}}]}";
    const std::string films = R"(volume="data",persistentvolumeclaim="films",ephemeral="false"} )";
    const std::string scratch = R"(volume="scratch",persistentvolumeclaim="p-scratch",ephemeral="true"} )";
    const std::string music = R"(volume="rw",persistentvolumeclaim="music",ephemeral="false"} )";
    CHECK(pod("spec_volumes_persistentvolumeclaims_info", spec) ==
          Strings{films + '1', scratch + '1', music + '1'});
    CHECK(pod("spec_volumes_persistentvolumeclaims_readonly", spec) ==
          Strings{films + '1', scratch + '0', music + '0'});
}

TEST_CASE("k8s pods: claims on devices, named or made from a template") {
    CHECK(pod("resourceclaim_info",
              "'spec': {'resourceClaims': [{'name': 'a', 'resourceClaimName': 'mine'}, {'name': 'b', "
              "'resourceClaimTemplateName': 't'}, {'name': 'c', 'resourceClaimTemplateName': 't'}, {'name': "
              "'d'}]}, 'status': {'resourceClaimStatuses': [{'name': 'b', 'resourceClaimName': 'p-b-x'}]}") ==
          Strings{R"(claim_name="a",resourceclaim_name="mine",resourceclaim_template_name=""} 1)",
                  R"(claim_name="b",resourceclaim_name="p-b-x",resourceclaim_template_name="t"} 1)",
                  R"(claim_name="c",resourceclaim_name="",resourceclaim_template_name="t"} 1)"});
}

TEST_CASE("k8s pods: what the spec names") {
    CHECK(pod("runtimeclass_name_info", "'spec': {'runtimeClassName': 'kata'}") ==
          Strings{R"(runtimeclass_name="kata"} 1)"});
    CHECK(pod("nodeselectors",
              "'spec': {'nodeSelector': {'pi.example.org/model': '5B', 'diskType': 'nvme'}}") ==
          Strings{R"(nodeselector_disk_type="nvme",nodeselector_pi_example_org_model="5B"} 1)"});
    CHECK(pod("restart_policy", "'spec': {'restartPolicy': 'Never'}") == Strings{R"(type="Never"} 1)"});
    CHECK(pod("start_time", "'status': {'startTime': '1970-01-01T00:00:01.9Z'}") == Strings{"1"});
    CHECK(pod("start_time", "'status': {'startTime': null}").empty());
}

TEST_CASE("k8s pods: special characters of names stay within their label") {
    CHECK(pod("service_account", R"('spec': {'serviceAccountName': 'a\\b\nc\u0022}'})") ==
          Strings{R"(service_account="a\\b\nc\"}"} 1)"});
}
