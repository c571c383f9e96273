// Jobs by the clock: when each ran last, when it runs next and how it is set up.
#include "exporters/k8s_state/resources/common.hpp"
#include "exporters/k8s_state/resources/cron.hpp"
#include "exporters/k8s_state/resources/time_zone.hpp"

namespace pifleet::k8s {

namespace {

using metrics::Type;

constexpr std::string_view identity[] = {"namespace", "cronjob"};

void render_info(const Object& object, Samples& out) {
    const auto zone = object.spec["timeZone"];
    out.add({{"schedule", object.spec["schedule"].text()},
             {"concurrency_policy", object.spec["concurrencyPolicy"].text()},
             {"timezone", zone.is_text() ? zone.text() : "local"}},
            1);
}

void render_active(const Object& object, Samples& out) {
    out.add(static_cast<double>(object.status["active"].size()));
}

void render_last_schedule(const Object& object, Samples& out) {
    add_time(out, object.status["lastScheduleTime"]);
}

void render_last_success(const Object& object, Samples& out) {
    add_time(out, object.status["lastSuccessfulTime"]);
}

void render_suspend(const Object& object, Samples& out) {
    if (const auto suspend = object.spec["suspend"].boolean()) out.add(*suspend ? 1 : 0);
}

void render_deadline(const Object& object, Samples& out) {
    add_number(out, object.spec["startingDeadlineSeconds"]);
}

// The zone of the text goes before that of the object, which goes before ours: the controller's is not told,
// and it mostly runs on a machine of the same zone.
Result<TimeZone> zone_of(const Object& object, const Schedule& schedule) {
    if (schedule.zone()) return TimeZone::load(*schedule.zone());
    const auto zone = object.spec["timeZone"];
    return zone.is_text() ? TimeZone::load(zone.text()) : TimeZone::local();
}

void render_next(const Object& object, Samples& out) {
    if (object.spec["suspend"].is_true()) return;
    auto from = unix_seconds(object.status["lastScheduleTime"].text());
    if (!from) from = unix_seconds(object.metadata["creationTimestamp"].text());
    const auto schedule = Schedule::parse(object.spec["schedule"].text());
    if (!from || !schedule) return;
    const auto zone = zone_of(object, *schedule);
    if (!zone) return;
    if (const auto next = schedule->next(static_cast<std::int64_t>(*from), *zone))
        out.add(static_cast<double>(*next));
}

void render_invalid(const Object& object, Samples& out) {
    const auto schedule = Schedule::parse(object.spec["schedule"].text());
    // Without a database no zone is known, which is not the object's fault.
    const bool invalid = !schedule || schedule->has_idle_step() ||
                         (!zone_of(object, *schedule) && TimeZone::database_exists());
    if (invalid) out.add(1);
}

void render_kept_successful(const Object& object, Samples& out) {
    add_number(out, object.spec["successfulJobsHistoryLimit"]);
}

void render_kept_failed(const Object& object, Samples& out) {
    add_number(out, object.spec["failedJobsHistoryLimit"]);
}

constexpr FamilyRow families[] = {
    {"kube_cronjob_annotations",
     Type::gauge,
     "Annotations of a cron job that may be shown.",
     render_annotations},
    {"kube_cronjob_labels", Type::gauge, "Labels of a cron job that may be shown.", render_labels},
    {"kube_cronjob_info", Type::gauge, "1 for every cron job, with its schedule as written.", render_info},
    {"kube_cronjob_created",
     Type::gauge,
     "When the cron job was created, in seconds since 1970.",
     render_created},
    {"kube_cronjob_status_active", Type::gauge, "How many jobs of the cron job run now.", render_active},
    {"kube_cronjob_status_last_schedule_time",
     Type::gauge,
     "When the cron job was due last, in seconds since 1970.",
     render_last_schedule},
    {"kube_cronjob_status_last_successful_time",
     Type::gauge,
     "When a job of it ended well last, in seconds since 1970.",
     render_last_success},
    {"kube_cronjob_spec_suspend", Type::gauge, "Whether the cron job is suspended.", render_suspend},
    {"kube_cronjob_spec_starting_deadline_seconds",
     Type::gauge,
     "How late a job may still be started.",
     render_deadline},
    {"kube_cronjob_next_schedule_time",
     Type::gauge,
     "When the cron job is due next after it was last, in seconds since 1970; in the past when it is late.",
     render_next},
    {"kube_cronjob_schedule_invalid",
     Type::gauge,
     "1 for a schedule or time zone that cannot be read, or with a step as long as its range (*/60).",
     render_invalid},
    {"kube_cronjob_metadata_resource_version",
     Type::gauge,
     "Version of the cron job: it changes with every write.",
     render_resource_version},
    {"kube_cronjob_spec_successful_job_history_limit",
     Type::gauge,
     "How many jobs that ended well are kept.",
     render_kept_successful},
    {"kube_cronjob_spec_failed_job_history_limit",
     Type::gauge,
     "How many failed jobs are kept.",
     render_kept_failed},
};

}  // namespace

extern const ResourceKind cronjobs_kind;
constinit const ResourceKind cronjobs_kind{"cronjobs", "/apis/batch/v1", true, true, identity, families};

}  // namespace pifleet::k8s
