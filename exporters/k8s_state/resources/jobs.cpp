// Jobs: how their pods fare, and how they ended.
#include "exporters/k8s_state/resources/fields.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "job_name"};

template <Field type>
void condition_value(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items())
        if (condition["type"].text() == type) add_condition_value(out, condition["status"].text());
}

void suspended(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items())
        if (condition["type"].text() == "Suspended") out.add(condition["status"].text() == "True" ? 1 : 0);
}

constexpr std::string_view failures[] = {"BackoffLimitExceeded", "DeadlineExceeded", "Evicted"};

void failed_pods(const Object& object, Samples& out) {
    const auto failed = object.status["failed"];
    const auto count = failed ? failed.number() : 0;
    if (!count) return;
    if (*count == 0) return out.add(0);
    bool known = false;
    for (const Json condition : object.status["conditions"].items()) {
        if (condition["type"].text() != "Failed") continue;
        for (const auto reason : failures) {
            const bool holds = condition["reason"].text() == reason;
            out.add({{"reason", reason}}, holds ? 1 : 0);
            known = known || holds;
        }
    }
    if (!known) out.add({{"reason", ""}}, *count);
}

constexpr FamilyRow families[] = {
    {"kube_job_annotations", Type::gauge, "Annotations of a job that may be shown.", render_annotations},
    {"kube_job_labels", Type::gauge, "Labels of a job that may be shown.", render_labels},
    {"kube_job_info", Type::gauge, "1 for every job.", render_one},
    {"kube_job_created", Type::gauge, "When the job was created, in seconds since 1970.", render_created},
    {"kube_job_spec_parallelism",
     Type::gauge,
     "Pods of the job that may run at a time.",
     spec_number<"parallelism">},
    {"kube_job_spec_completions",
     Type::gauge,
     "Pods of the job that have to succeed.",
     spec_number<"completions">},
    {"kube_job_spec_active_deadline_seconds",
     Type::gauge,
     "How long the job may take, in seconds.",
     spec_number<"activeDeadlineSeconds">},
    {"kube_job_status_succeeded", Type::gauge, "Pods of the job that succeeded.", status_count<"succeeded">},
    {"kube_job_status_failed",
     Type::gauge,
     "Pods of the job that failed; by reason, 1 for the one that ended the job.",
     failed_pods},
    {"kube_job_status_active",
     Type::gauge,
     "Pods of the job that are pending or running.",
     status_count<"active">},
    {"kube_job_status_ready", Type::gauge, "Pods of the job that are ready.", status_count<"ready">},
    {"kube_job_complete", Type::gauge, "Whether the job has completed.", condition_value<"Complete">},
    {"kube_job_failed", Type::gauge, "Whether the job has failed.", condition_value<"Failed">},
    {"kube_job_status_start_time",
     Type::gauge,
     "When the job was begun, in seconds since 1970.",
     status_time<"startTime">},
    {"kube_job_status_completion_time",
     Type::gauge,
     "When the job completed, in seconds since 1970.",
     status_time<"completionTime">},
    {"kube_job_status_suspended", Type::gauge, "1 while the job is held back.", suspended},
    {"kube_job_owner", Type::gauge, "What the job belongs to.", render_owner},
};

}  // namespace

extern const ResourceKind jobs_kind;
constinit const ResourceKind jobs_kind{"jobs", "/apis/batch/v1", true, true, identity, families};

}  // namespace pifleet::k8s
