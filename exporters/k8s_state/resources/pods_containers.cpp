// Containers of pods: what each of them should be, and the state that the node reports of it.
#include "exporters/k8s_state/resources/by_name.hpp"
#include "exporters/k8s_state/resources/pods.hpp"
#include "exporters/k8s_state/resources/resource_amounts.hpp"

namespace pifleet::k8s::pods {

void container_infos(Json wanted, Json reported, bool restart_policy, Samples& out) {
    const ByName states(reported);
    for (const Json container : wanted.items()) {
        for (const auto& [name, status] : states.all(container["name"].text())) {
            const metrics::Label labels[] = {{"container", name},
                                             {"image_spec", container["image"].text()},
                                             {"image", status["image"].text()},
                                             {"image_id", status["imageID"].text()},
                                             {"container_id", status["containerID"].text()},
                                             {"restart_policy", container["restartPolicy"].text()}};
            out.add(metrics::Labels(labels).first(restart_policy ? 6 : 5), 1);
        }
    }
}

void add_amounts(const Object& object, Json wanted, std::string_view which, Samples& out) {
    for (const Json container : wanted.items()) {
        const metrics::Label labels[] = {{"container", container["name"].text()},
                                         {"node", object.spec["nodeName"].text()}};
        add_resources(out, labels, container["resources"][which], Pods::left_out);
    }
}

void started(const metrics::Label& container, Json status, Samples& out) {
    const auto running = status["state"]["running"];
    const auto state = running ? running : status["state"]["terminated"];
    if (const auto seconds = unix_seconds(state["startedAt"].text())) out.add({container}, *seconds);
}

void last_reason(const metrics::Label& container, Json status, Samples& out) {
    add_reason(container, status["lastState"]["terminated"], out);
}

void last_exit_code(const metrics::Label& container, Json status, Samples& out) {
    const auto terminated = status["lastState"]["terminated"];
    if (!terminated.is_object()) return;
    const auto code = terminated["exitCode"];
    if (const auto number = code ? code.number() : 0) out.add({container}, *number);
}

void last_finish(const metrics::Label& container, Json status, Samples& out) {
    const auto finished = status["lastState"]["terminated"]["finishedAt"];
    if (const auto seconds = unix_seconds(finished.text())) out.add({container}, *seconds);
}

void ready(const metrics::Label& container, Json status, Samples& out) {
    out.add({container}, status["ready"].is_true() ? 1 : 0);
}

void restarts(const metrics::Label& container, Json status, Samples& out) {
    const auto count = status["restartCount"];
    if (const auto number = count ? count.number() : 0) out.add({container}, *number);
}

void add_state(const metrics::Label& container, Json state, Samples& out) {
    out.add({container}, state.is_object() ? 1 : 0);
}

void add_reason(const metrics::Label& container, Json state, Samples& out) {
    if (state.is_object()) out.add({container, {"reason", state["reason"].text()}}, 1);
}

}  // namespace pifleet::k8s::pods
