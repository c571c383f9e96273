// What fills the families of a pod; the table is in pods.cpp.
#pragma once

#include "exporters/k8s_state/resources/fields.hpp"

#include <optional>
#include <string_view>

namespace pifleet::k8s::pods {

inline constexpr Field containers{"containers"};
inline constexpr Field init_containers{"initContainers"};
inline constexpr Field statuses{"containerStatuses"};
inline constexpr Field init_statuses{"initContainerStatuses"};

// pods_spec.cpp: what a pod is and where it runs.
void info(const Object& object, Samples& out);
void ips(const Object& object, Samples& out);
void add_overhead(const Object& object, std::string_view resource, Samples& out);
void resource_claims(const Object& object, Samples& out);
void runtime_class(const Object& object, Samples& out);
void volume_claims(const Object& object, Samples& out);
void volume_claims_read_only(const Object& object, Samples& out);
void tolerations(const Object& object, Samples& out);
void node_selector(const Object& object, Samples& out);

// pods_status.cpp: how it fares.
void completion_time(const Object& object, Samples& out);
void phase(const Object& object, Samples& out);
void qos_class(const Object& object, Samples& out);
void condition_value(const Object& object, std::string_view type, Samples& out);
/// When the condition came to this status; nothing while it has another.
void condition_time(const Object& object, std::string_view type, std::string_view status, Samples& out);
void unschedulable(const Object& object, Samples& out);
void reasons(const Object& object, Samples& out);
void disruption_reasons(const Object& object, Samples& out);

template <Field type>
void condition(const Object& object, Samples& out) {
    condition_value(object, type, out);
}

template <Field type, Field status>
void since(const Object& object, Samples& out) {
    condition_time(object, type, status, out);
}

template <Field resource>
void overhead(const Object& object, Samples& out) {
    add_overhead(object, resource, out);
}

// pods_containers.cpp: its containers, by what is wanted and by what is reported of them.
void container_infos(Json wanted, Json reported, bool restart_policy, Samples& out);
void add_amounts(const Object& object, Json wanted, std::string_view which, Samples& out);

template <Field list, Field reported, bool restart_policy>
void container_info(const Object& object, Samples& out) {
    container_infos(object.spec[list], object.status[reported], restart_policy, out);
}

template <Field list, Field which>
void amounts(const Object& object, Samples& out) {
    add_amounts(object, object.spec[list], which, out);
}

/// Adds what `add` makes of each container that is reported on.
template <Field list, void (*add)(const metrics::Label& container, Json status, Samples& out)>
void each(const Object& object, Samples& out) {
    for (const Json status : object.status[list].items())
        if (status.is_object()) add({"container", status["name"].text()}, status, out);
}

void started(const metrics::Label& container, Json status, Samples& out);
void last_reason(const metrics::Label& container, Json status, Samples& out);
void last_exit_code(const metrics::Label& container, Json status, Samples& out);
void last_finish(const metrics::Label& container, Json status, Samples& out);
void ready(const metrics::Label& container, Json status, Samples& out);
void restarts(const metrics::Label& container, Json status, Samples& out);
void add_state(const metrics::Label& container, Json state, Samples& out);
void add_reason(const metrics::Label& container, Json state, Samples& out);

/// 1 while the container is in this state, else 0.
template <Field state>
void in_state(const metrics::Label& container, Json status, Samples& out) {
    add_state(container, status["state"][state], out);
}

/// 1 with the reason while the container is in this state.
template <Field state>
void reason(const metrics::Label& container, Json status, Samples& out) {
    add_reason(container, status["state"][state], out);
}

}  // namespace pifleet::k8s::pods
