// Deployments, sets and jobs as the captures do not have them.
#include "tests/catch.hpp"
#include "tests/unit/exporters/k8s_state/captures.hpp"

using namespace pifleet::k8s;

namespace {

Strings of(const std::string& kind, std::string_view family, const std::string& members) {
    return lines_of(kind, family, "{'metadata': {'namespace': 'media', 'name': 'd'}, " + members + "}");
}

Strings rolling(std::string_view limit, int replicas, const std::string& value) {
    return of("deployments",
              "kube_deployment_spec_strategy_rollingupdate_" + std::string(limit),
              "'spec': {'replicas': " + std::to_string(replicas) +
                  ", 'strategy': {'rollingUpdate': {'maxUnavailable': " + value + ", 'maxSurge': " + value +
                  "}}}");
}

Strings job(std::string_view family, const std::string& status) {
    return of("jobs", "kube_job_" + std::string(family), "'status': {" + status + "}");
}

}  // namespace

TEST_CASE("k8s deployments: percentages are rounded down for what may be missing, up for what may be more") {
    struct Row {
        int replicas;
        std::string value, unavailable, surge;
    };
    for (const auto& row : {Row{10, "'25%'", "2", "3"},
                            Row{4, "'25%'", "1", "1"},
                            Row{1, "'25%'", "0", "1"},
                            Row{3, "'100%'", "3", "3"},
                            Row{0, "'50%'", "0", "0"},
                            Row{7, "'1%'", "0", "1"},
                            Row{10, "3", "3", "3"},
                            Row{10, "0", "0", "0"}}) {
        CHECK(rolling("max_unavailable", row.replicas, row.value) == Strings{row.unavailable});
        CHECK(rolling("max_surge", row.replicas, row.value) == Strings{row.surge});
    }
    for (const auto* nonsense : {"'25'", "'%'", "'a%'", "'2.5%'", "null", "{}"})
        CHECK(rolling("max_surge", 10, nonsense).empty());
}

TEST_CASE("k8s deployments: reasons of its controller, others as unknown") {
    const auto first = [](const std::string& reason) {
        return of("deployments",
                  "kube_deployment_status_condition",
                  "'status': {'conditions': [{'type': 'Progressing', 'status': 'True'" + reason + "}]}")
            .at(0);
    };
    CHECK(first(", 'reason': 'DeploymentPaused'") ==
          R"(reason="DeploymentPaused",condition="Progressing",status="true"} 1)");
    CHECK(first(", 'reason': 'Whatever'") == R"(reason="unknown",condition="Progressing",status="true"} 1)");
    CHECK(first("") == R"(reason="",condition="Progressing",status="true"} 1)");
}

TEST_CASE("k8s deployments: numbers that are left out are 0, or absent where that says something else") {
    const std::string bare = "'spec': {}, 'status': {}";
    CHECK(of("deployments", "kube_deployment_status_replicas", bare) == Strings{"0"});
    CHECK(of("deployments", "kube_deployment_spec_paused", bare) == Strings{"0"});
    CHECK(of("deployments", "kube_deployment_spec_paused", "'spec': {'paused': true}") == Strings{"1"});
    CHECK(of("deployments", "kube_deployment_spec_replicas", bare).empty());
    CHECK(of("deployments", "kube_deployment_status_terminating_replicas", bare).empty());
    CHECK(of("deployments",
             "kube_deployment_status_terminating_replicas",
             "'status': {'terminatingReplicas': 0}") == Strings{"0"});
    CHECK(of("deployments", "kube_deployment_owner", bare) == Strings{R"(owner_kind="",owner_name=""} 1)"});
    CHECK(of("daemonsets", "kube_daemonset_status_number_available", bare) == Strings{"0"});
    CHECK(of("replicasets", "kube_replicaset_spec_replicas", "'spec': {'replicas': 0}") == Strings{"0"});
    CHECK(of("replicationcontrollers",
             "kube_replicationcontroller_status_fully_labeled_replicas",
             "'status': {'fullyLabeledReplicas': 4}") == Strings{"4"});
}

TEST_CASE("k8s stateful sets: ordinals, retention, revisions") {
    CHECK(of("statefulsets", "kube_statefulset_ordinals_start", "'spec': {'ordinals': {'start': 5}}") ==
          Strings{"5"});
    CHECK(of("statefulsets", "kube_statefulset_ordinals_start", "'spec': {'ordinals': {}}") == Strings{"0"});
    CHECK(of("statefulsets", "kube_statefulset_ordinals_start", "'spec': {}").empty());
    const std::string retention = "kube_statefulset_persistentvolumeclaim_retention_policy";
    CHECK(of("statefulsets", retention, "'spec': {'persistentVolumeClaimRetentionPolicy': {}}").empty());
    CHECK(of("statefulsets",
             retention,
             "'spec': {'persistentVolumeClaimRetentionPolicy': {'whenScaled': 'Delete'}}") ==
          Strings{R"(when_deleted="",when_scaled="Delete"} 1)"});
    CHECK(of("statefulsets",
             "kube_statefulset_status_update_revision",
             "'status': {'updateRevision': 'd-2'}") == Strings{R"(revision="d-2"} 1)"});
    CHECK(of("statefulsets", "kube_statefulset_status_current_revision", "'status': {}") ==
          Strings{R"(revision=""} 1)"});
}

TEST_CASE("k8s jobs: failed pods, by the reason that ended the job") {
    const auto failed = [](const std::string& reason) {
        return job(
            "status_failed",
            "'failed': 3, 'conditions': [{'type': 'FailureTarget', 'reason': 'Evicted'}, {'type': 'Failed', "
            "'status': 'True', 'reason': '" +
                reason + "'}]");
    };
    CHECK(job("status_failed", "") == Strings{"0"});
    CHECK(job("status_failed", "'failed': 2") == Strings{R"(reason=""} 2)"});
    CHECK(failed("DeadlineExceeded") == Strings{R"(reason="BackoffLimitExceeded"} 0)",
                                                R"(reason="DeadlineExceeded"} 1)",
                                                R"(reason="Evicted"} 0)"});
    CHECK(failed("Custom") == Strings{R"(reason="BackoffLimitExceeded"} 0)",
                                      R"(reason="DeadlineExceeded"} 0)",
                                      R"(reason="Evicted"} 0)",
                                      R"(reason=""} 3)"});
}

TEST_CASE("k8s jobs: how it ended") {
    const std::string conditions =
        "'conditions': [{'type': 'Complete', 'status': 'False'}, {'type': 'Suspended', "
        "'status': 'False'}]";
    CHECK(job("complete", conditions) ==
          Strings{R"(condition="true"} 0)", R"(condition="false"} 1)", R"(condition="unknown"} 0)"});
    CHECK(job("failed", conditions).empty());
    CHECK(job("status_suspended", conditions) == Strings{"0"});
    CHECK(job("status_suspended", "").empty());
    CHECK(job("status_ready", "") == Strings{"0"});
    CHECK(job("status_completion_time", "'completionTime': '1970-01-01T00:00:03Z'") == Strings{"3"});
}
