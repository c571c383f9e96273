"""What a page must show of a dozen families, told from the objects of a stand-in by rules written down here once more and
apart from the program: the oracle for pages after churn, cuts and relists. Nothing here is taken from the program."""
from kube_store import part

PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")
STATES = ("true", "false", "unknown")


def quoted(text):
    return '"' + str(text).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') + '"'


def series(family, labels):
    return family + "{" + ",".join(f"{name}={quoted(value)}" for name, value in labels.items()) + "}"


def pods(object_):
    metadata, spec, status = object_["metadata"], object_.get("spec", {}), object_.get("status", {})
    pod = {"namespace": metadata["namespace"], "pod": metadata["name"], "uid": metadata["uid"]}
    owner = next((o for o in metadata.get("ownerReferences", ()) if o.get("controller")), {})
    yield "kube_pod_info", {**pod, "host_ip": status.get("hostIP", ""), "pod_ip": status.get("podIP", ""),
                            "node": spec.get("nodeName", ""), "created_by_kind": owner.get("kind", ""),
                            "created_by_name": owner.get("name", ""), "priority_class": spec.get("priorityClassName", ""),
                            "host_network": "true" if spec.get("hostNetwork") else "false"}, 1
    for phase in PHASES if status.get("phase") else ():
        yield "kube_pod_status_phase", {**pod, "phase": phase}, phase == status["phase"]
    for container in status.get("containerStatuses", ()):
        yield "kube_pod_container_status_restarts_total", {**pod, "container": container["name"]}, container["restartCount"]
        yield "kube_pod_container_status_ready", {**pod, "container": container["name"]}, container["ready"]


def deployments(object_):
    labels = {"namespace": object_["metadata"]["namespace"], "deployment": object_["metadata"]["name"]}
    yield "kube_deployment_status_replicas", labels, part(object_, "status", "replicas") or 0
    if part(object_, "spec", "replicas") is not None:
        yield "kube_deployment_spec_replicas", labels, object_["spec"]["replicas"]


def configmaps(object_):
    labels = {"namespace": object_["metadata"]["namespace"], "configmap": object_["metadata"]["name"]}
    yield "kube_configmap_info", labels, 1
    yield "kube_configmap_metadata_resource_version", labels, int(object_["metadata"]["resourceVersion"])


def secrets(object_):
    labels = {"namespace": object_["metadata"]["namespace"], "secret": object_["metadata"]["name"]}
    yield "kube_secret_info", labels, 1
    yield "kube_secret_type", {**labels, "type": object_.get("type", "")}, 1


def nodes(object_):
    for condition in part(object_, "status", "conditions") or ():
        for state in STATES:
            yield ("kube_node_status_condition", {"node": object_["metadata"]["name"], "condition": condition["type"],
                                                  "status": state}, state == condition["status"].lower())


def namespaces(object_):
    for phase in ("Active", "Terminating"):
        yield ("kube_namespace_status_phase", {"namespace": object_["metadata"]["name"], "phase": phase},
               phase == part(object_, "status", "phase"))


RULES = {rule.__name__: rule for rule in (pods, deployments, configmaps, secrets, nodes, namespaces)}
FAMILIES = ("kube_pod_info", "kube_pod_status_phase", "kube_pod_container_status_restarts_total", "kube_pod_container_status_ready",
            "kube_deployment_status_replicas", "kube_deployment_spec_replicas", "kube_configmap_info",
            "kube_configmap_metadata_resource_version", "kube_secret_info", "kube_secret_type", "kube_node_status_condition",
            "kube_namespace_status_phase")


def expected(store, keep=lambda plural, object_: True):
    """{series: value} of FAMILIES for the objects that `keep` lets through."""
    found = {}
    for plural, rule in RULES.items():
        for object_ in store.objects(plural):
            if keep(plural, object_):
                found.update((series(family, labels), float(value)) for family, labels, value in rule(object_))
    return found
