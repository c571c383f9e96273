// Horizontal pod autoscalers with every kind of metric.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

Strings autoscaler(std::string_view family, const std::string& members) {
    return lines_of("horizontalpodautoscalers",
                    "kube_horizontalpodautoscaler_" + std::string(family),
                    "{'metadata': {'namespace': 'media', 'name': 'h'}, " + members + "}");
}

// The same metrics as a spec has them ("target") and as a status does ("current").
std::string metrics(const std::string& numbers) {
    return "[{'type': 'Resource', 'resource': {'name': 'cpu', '" + numbers +
           "': {'averageUtilization': 80, 'averageValue': '250m'}}}, "
           "{'type': 'ContainerResource', 'containerResource': {'name': 'memory', 'container': 'app', '" +
           numbers +
           "': {'averageValue': '64Mi'}}}, "
           "{'type': 'Pods', 'pods': {'metric': {'name': 'streams'}, '" +
           numbers +
           "': {'averageValue': '1500m'}}}, "
           "{'type': 'Object', 'object': {'describedObject': {'name': 'other'}, 'metric': {'name': 'hits'}, "
           "'" +
           numbers +
           "': {'value': '10k'}}}, "
           "{'type': 'External', 'external': {'metric': {'name': 'queue'}, '" +
           numbers +
           "': {'value': '30', 'averageValue': '0.0001'}}}, "
           "{'type': 'Lunar', 'lunar': {'metric': {'name': 'm'}, '" +
           numbers + "': {'value': '1'}}}]";
}

const Strings values{R"(metric_name="cpu",metric_target_type="average",container=""} 0.25)",
                     R"(metric_name="cpu",metric_target_type="utilization",container=""} 80)",
                     R"(metric_name="memory",metric_target_type="average",container="app"} 67108864)",
                     R"(metric_name="streams",metric_target_type="average",container=""} 1.5)",
                     R"(metric_name="hits",metric_target_type="value",container=""} 10000)",
                     R"(metric_name="queue",metric_target_type="value",container=""} 30)",
                     R"(metric_name="queue",metric_target_type="average",container=""} 0.001)"};

}  // namespace

TEST_CASE("k8s autoscalers: targets and what was found, of every kind of metric") {
    CHECK(autoscaler("spec_target_metric", "'spec': {'metrics': " + metrics("target") + "}") == values);
    CHECK(autoscaler("status_target_metric", "'status': {'currentMetrics': " + metrics("current") + "}") ==
          values);
    CHECK(autoscaler("status_target_metric", "'status': {'currentMetrics': null}").empty());
}

TEST_CASE("k8s autoscalers: the version of what is scaled only when it is told") {
    CHECK(autoscaler("info", "'spec': {'scaleTargetRef': {'kind': 'Deployment', 'name': 'd'}}") ==
          Strings{R"(scaletargetref_kind="Deployment",scaletargetref_name="d"} 1)"});
    CHECK(autoscaler("info",
                     "'spec': {'scaleTargetRef': {'apiVersion': 'apps/v1', 'kind': 'D', 'name': 'd'}}") ==
          Strings{
              R"(scaletargetref_api_version="apps/v1",scaletargetref_kind="D",scaletargetref_name="d"} 1)"});
}

TEST_CASE("k8s autoscalers: limits and tolerances") {
    const std::string spec =
        "'spec': {'maxReplicas': 5, 'behavior': {'scaleDown': {'tolerance': '75m'}, 'scaleUp': "
        "{'tolerance': '0.2'}}}, 'status': {'desiredReplicas': 3}";
    CHECK(autoscaler("spec_max_replicas", spec) == Strings{"5"});
    CHECK(autoscaler("spec_min_replicas", spec) == Strings{"1"});
    CHECK(autoscaler("spec_min_replicas", "'spec': {'minReplicas': 0}") == Strings{"0"});
    CHECK(autoscaler("spec_behavior_scale_down_tolerance", spec) == Strings{"0.075"});
    CHECK(autoscaler("spec_behavior_scale_up_tolerance", spec) == Strings{"0.2"});
    CHECK(autoscaler("spec_behavior_scale_up_tolerance", "'spec': {'behavior': {'scaleUp': null}}").empty());
    CHECK(autoscaler("status_desired_replicas", spec) == Strings{"3"});
    CHECK(autoscaler("status_current_replicas", spec) == Strings{"0"});
    CHECK(autoscaler("metadata_generation", spec) == Strings{"0"});
}

TEST_CASE("k8s autoscalers: conditions") {
    CHECK(autoscaler("status_condition",
                     "'status': {'conditions': [{'type': 'AbleToScale', 'status': 'False'}]}") ==
          Strings{R"(condition="AbleToScale",status="true"} 0)",
                  R"(condition="AbleToScale",status="false"} 1)",
                  R"(condition="AbleToScale",status="unknown"} 0)"});
}
