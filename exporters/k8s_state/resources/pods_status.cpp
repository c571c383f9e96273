// How pods fare: phase, conditions, and why they went.
#include "exporters/k8s_state/resources/pods.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <iterator>

namespace pifleet::k8s::pods {

namespace {

constexpr std::string_view phases[] = {"Pending", "Succeeded", "Failed", "Unknown", "Running"};
constexpr std::string_view qos_classes[] = {"BestEffort", "Burstable", "Guaranteed"};

constexpr std::string_view known_reasons[] = {"Evicted",
                                              "NodeAffinity",
                                              "NodeLost",
                                              "PreemptionByScheduler",
                                              "SchedulingGated",
                                              "Shutdown",
                                              "TerminationByKubelet",
                                              "UnexpectedAdmissionError"};

constexpr std::string_view disruptions[] = {"PreemptionByScheduler",
                                            "DeletionByTaintManager",
                                            "EvictionByEvictionAPI",
                                            "DeletionByPodGC",
                                            "TerminationByKubelet"};

// Place of a text in a list; the list's length when it is not there.
template <std::size_t N>
std::size_t place(const std::string_view (&list)[N], std::string_view text) {
    return static_cast<std::size_t>(std::find(std::begin(list), std::end(list), text) - std::begin(list));
}

}  // namespace

void completion_time(const Object& object, Samples& out) {
    std::optional<double> last;
    for (const Json status : object.status[statuses].items()) {
        const auto finished = unix_seconds(status["state"]["terminated"]["finishedAt"].text());
        if (finished) last = std::max(last.value_or(*finished), *finished);
    }
    if (last) out.add(*last);
}

void phase(const Object& object, Samples& out) {
    add_choice(out, "phase", phases, object.status["phase"].text());
}

void qos_class(const Object& object, Samples& out) {
    add_choice(out, "qos_class", qos_classes, object.status["qosClass"].text());
}

void condition_value(const Object& object, std::string_view type, Samples& out) {
    for (const Json condition : object.status["conditions"].items())
        if (condition["type"].text() == type) add_condition_value(out, condition["status"].text());
}

void condition_time(const Object& object, std::string_view type, std::string_view status, Samples& out) {
    for (const Json condition : object.status["conditions"].items())
        if (condition["type"].text() == type && condition["status"].text() == status)
            add_time(out, condition["lastTransitionTime"]);
}

void unschedulable(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items())
        if (condition["type"].text() == "PodScheduled" && condition["status"].text() == "False") out.add(1);
}

// A reason may stand in three places; wherever it does, it counts once. One that nobody knows counts only
// where the pod itself gives it.
void reasons(const Object& object, Samples& out) {
    constexpr auto unknown = std::size(known_reasons);
    std::bitset<unknown + 1> found;
    for (const Json condition : object.status["conditions"].items())
        found.set(place(known_reasons, condition["reason"].text()));
    for (const Json status : object.status[statuses].items())
        found.set(place(known_reasons, status["state"]["terminated"]["reason"].text()));
    const auto own = object.status["reason"].text();
    found.set(place(known_reasons, own));
    for (std::size_t i = 0; i < unknown; ++i)
        if (found[i]) out.add({{"reason", known_reasons[i]}}, 1);
    if (!own.empty() && place(known_reasons, own) == unknown) out.add({{"reason", "Other"}}, 1);
}

void disruption_reasons(const Object& object, Samples& out) {
    for (const Json condition : object.status["conditions"].items()) {
        if (condition["type"].text() != "DisruptionTarget") continue;
        const auto reason = condition["reason"].text();
        const bool known = place(disruptions, reason) < std::size(disruptions);
        out.add({{"reason", known ? reason : "Other"}}, 1);
    }
}

}  // namespace pifleet::k8s::pods
