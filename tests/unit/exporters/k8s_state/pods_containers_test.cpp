// Containers of pods in states that the captures do not have.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

Strings pod(std::string_view family, const std::string& spec, const std::string& status) {
    return lines_of("pods",
                    "kube_pod_" + std::string(family),
                    "{'metadata': {'namespace': 'media', 'name': 'p', 'uid': 'u-1'}, 'spec': {" + spec +
                        "}, 'status': {" + status + "}}");
}

// Two containers: one with this status, one that runs.
Strings status(std::string_view family, const std::string& members) {
    return pod(family, "", "'containerStatuses': [{'name': 'a', " + members + "}]");
}

const std::string images =
    "'initContainers': [{'name': 'wait', 'image': 'busybox'}, {'name': 'proxy', 'image': 'envoy', "
    "'restartPolicy': 'Always'}, {'name': 'late', 'image': 'x'}], 'containers': [{'name': 'b', 'image': "
    "'nginx'}, {'name': 'a', 'image': 'redis'}], 'ephemeralContainers': [{'name': 'debug', 'image': 'sh'}]";

const std::string reported =
    "'initContainerStatuses': [{'name': 'proxy', 'image': 'docker.io/envoy', 'imageID': 'sha256:1', "
    "'containerID': 'containerd://1'}, {'name': 'wait', 'image': 'docker.io/busybox', 'imageID': '', "
    "'containerID': ''}], 'containerStatuses': [{'name': 'a', 'image': 'docker.io/redis', 'imageID': "
    "'sha256:2', 'containerID': 'containerd://2'}, {'name': 'stranger', 'image': 's'}], "
    "'ephemeralContainerStatuses': [{'name': 'debug', 'image': 'docker.io/sh', 'ready': true}]";

}  // namespace

TEST_CASE("k8s containers: what is wanted and what is reported go together by name") {
    CHECK(pod("container_info", images, reported) ==
          Strings{R"(container="a",image_spec="redis",image="docker.io/redis",image_id="sha256:2",)"
                  R"(container_id="containerd://2"} 1)"});
    CHECK(pod("init_container_info", images, reported) ==
          Strings{R"(container="wait",image_spec="busybox",image="docker.io/busybox",image_id="",)"
                  R"(container_id="",restart_policy=""} 1)",
                  R"(container="proxy",image_spec="envoy",image="docker.io/envoy",image_id="sha256:1",)"
                  R"(container_id="containerd://1",restart_policy="Always"} 1)"});
}

TEST_CASE("k8s containers: ephemeral containers are told of nowhere") {
    CHECK(pod("container_status_ready", images, reported) ==
          Strings{R"(container="a"} 0)", R"(container="stranger"} 0)"});
}

TEST_CASE("k8s containers: waiting") {
    const std::string waiting =
        "'state': {'waiting': {'reason': 'CrashLoopBackOff'}}, 'restartCount': 7, 'lastState': "
        "{'terminated': {'reason': 'OOMKilled', 'exitCode': 137, 'finishedAt': "
        "'1970-01-01T00:00:09Z'}}";
    CHECK(status("container_status_waiting", waiting) == Strings{R"(container="a"} 1)"});
    CHECK(status("container_status_running", waiting) == Strings{R"(container="a"} 0)"});
    CHECK(status("container_status_terminated", waiting) == Strings{R"(container="a"} 0)"});
    CHECK(status("container_status_waiting_reason", waiting) ==
          Strings{R"(container="a",reason="CrashLoopBackOff"} 1)"});
    CHECK(status("container_status_terminated_reason", waiting).empty());
    CHECK(status("container_state_started", waiting).empty());
    CHECK(status("container_status_restarts_total", waiting) == Strings{R"(container="a"} 7)"});
    CHECK(status("container_status_last_terminated_reason", waiting) ==
          Strings{R"(container="a",reason="OOMKilled"} 1)"});
    CHECK(status("container_status_last_terminated_exitcode", waiting) == Strings{R"(container="a"} 137)"});
    CHECK(status("container_status_last_terminated_timestamp", waiting) == Strings{R"(container="a"} 9)"});
    // Any reason is told, and that there is none.
    CHECK(status("container_status_waiting_reason", "'state': {'waiting': {'reason': 'MyOwn'}}") ==
          Strings{R"(container="a",reason="MyOwn"} 1)"});
    CHECK(status("container_status_waiting_reason", "'state': {'waiting': {}}") ==
          Strings{R"(container="a",reason=""} 1)"});
}

TEST_CASE("k8s containers: running and ended") {
    const std::string running = "'ready': true, 'state': {'running': {'startedAt': '1970-01-01T00:00:05Z'}}";
    const std::string ended =
        "'state': {'terminated': {'reason': 'Odd', 'exitCode': 0, 'startedAt': "
        "'1970-01-01T00:00:05Z', 'finishedAt': '1970-01-01T00:00:08Z'}}";
    CHECK(status("container_status_ready", running) == Strings{R"(container="a"} 1)"});
    CHECK(status("container_status_running", running) == Strings{R"(container="a"} 1)"});
    CHECK(status("container_state_started", running) == Strings{R"(container="a"} 5)"});
    CHECK(status("container_status_restarts_total", running) == Strings{R"(container="a"} 0)"});
    CHECK(status("container_status_last_terminated_exitcode", running).empty());
    CHECK(status("container_state_started", ended) == Strings{R"(container="a"} 5)"});
    CHECK(status("container_status_terminated", ended) == Strings{R"(container="a"} 1)"});
    CHECK(status("container_status_terminated_reason", ended) == Strings{R"(container="a",reason="Odd"} 1)"});
    CHECK(status("container_status_last_terminated_exitcode", "'lastState': {'terminated': {}}") ==
          Strings{R"(container="a"} 0)"});
    CHECK(pod("init_container_status_terminated_reason",
              "",
              "'initContainerStatuses': [{'name': 'i', " + ended + "}]") ==
          Strings{R"(container="i",reason="Odd"} 1)"});
    CHECK(
        pod("completion_time",
            "",
            "'containerStatuses': [{'name': 'a', " + ended +
                "}, {'name': 'b', 'state': {'terminated': {'finishedAt': '1970-01-01T00:00:07Z'}}}, {'name': "
                "'c', 'state': {'terminated': {'finishedAt': null}}}]") == Strings{"8"});
}

TEST_CASE("k8s containers: resources in their units") {
    const std::string resources =
        "'nodeName': 'pi-1', 'containers': [{'name': 'a', 'resources': {'limits': {'cpu': '1500m', 'memory': "
        "'64Mi', 'ephemeral-storage': '1G', 'storage': '2', 'hugepages-2Mi': '4Mi', "
        "'attachable-volumes-csi-x': "
        "'3', 'example.org/coral-tpu': '2', 'pods': '5', 'kubernetes.io/x': '1', 'requests.example.org/y': "
        "'1', "
        "'a.kubernetes.io/z': '1', 'Bad_Domain/z': '1', 'gpu': '1', 'memory.x': 'nonsense'}, 'requests': "
        "{'cpu': '100u', 'memory': '0.1', 'example.org/coral-tpu': 'two'}}}]";
    CHECK(pod("container_resource_limits", resources, "") ==
          Strings{R"(container="a",node="pi-1",resource="cpu",unit="core"} 1.5)",
                  R"(container="a",node="pi-1",resource="memory",unit="byte"} 67108864)",
                  R"(container="a",node="pi-1",resource="ephemeral_storage",unit="byte"} 1e+09)",
                  R"(container="a",node="pi-1",resource="storage",unit="byte"} 2)",
                  R"(container="a",node="pi-1",resource="hugepages_2Mi",unit="byte"} 4194304)",
                  R"(container="a",node="pi-1",resource="attachable_volumes_csi_x",unit="byte"} 3)",
                  R"(container="a",node="pi-1",resource="example_org_coral_tpu",unit="integer"} 2)"});
    // Cores to the thousandth and bytes to the byte, upwards.
    CHECK(pod("container_resource_requests", resources, "") ==
          Strings{R"(container="a",node="pi-1",resource="cpu",unit="core"} 0.001)",
                  R"(container="a",node="pi-1",resource="memory",unit="byte"} 1)"});
    CHECK(pod("init_container_resource_limits",
              "'initContainers': [{'name': 'i', 'resources': {'limits': {'cpu': 2}}}]",
              "") == Strings{R"(container="i",node="",resource="cpu",unit="core"} 2)"});
}
