"""Clusters of any size, the same for the same seed: the captured one, and beside it pods as kubelets and controllers leave them
(4 to 5 kB of JSON, half of it managedFields), with their replica sets, deployments, services and what else belongs to them."""
import random
import uuid

HUNDREDS = 100  # pods a node
TEN = 10        # pods a deployment
MADE = "2026-11-20T08:{:02}:{:02}Z"
CONDITIONS = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
IMAGES = ("docker.io/library/nginx:1.29", "docker.io/grafana/grafana:12.1.0", "ghcr.io/home-assistant/home-assistant:2026.11",
          "docker.io/library/eclipse-mosquitto:2", "quay.io/prometheus/node-exporter:v1.11.0")


class Maker:
    """Makes objects; `seed` decides of everything in them."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)

    def uid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def hexadecimal(self, digits):
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def time(self):
        return MADE.format(self.random.randrange(60), self.random.randrange(60))

    def metadata(self, name, namespace="", labels=None, owner=None, fields=None, manager="kube-controller-manager"):
        made = self.time()
        metadata = {"name": name, **({"namespace": namespace} if namespace else {}), "uid": self.uid(), "resourceVersion": "0",
                    "generation": 1, "creationTimestamp": made, "labels": labels or {}}
        if owner:
            kind, version, object_ = owner
            metadata["ownerReferences"] = [{"apiVersion": version, "kind": kind, "name": object_["metadata"]["name"],
                                            "uid": object_["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]
        metadata["managedFields"] = [managed(manager, made, fields or {"f:metadata": {"f:labels": blank(labels or {})}})]
        return metadata

    def pod(self, namespace, app, owner, node):
        name = f"{owner['metadata']['name']}-{self.hexadecimal(5)}"
        containers = [self.container("main")] + ([self.container("sidecar")] if self.random.random() < 0.15 else [])
        labels = {"app": app, "app.kubernetes.io/instance": app, "pod-template-hash": self.hexadecimal(10)}
        metadata = self.metadata(name, namespace, labels, ("ReplicaSet", "apps/v1", owner), spec_fields(labels, containers))
        metadata["generateName"] = owner["metadata"]["name"] + "-"
        phase = self.random.choices(("Running", "Succeeded", "Failed", "Pending"), (94, 2, 2, 2))[0]
        address = f"10.42.{self.random.randrange(256)}.{self.random.randrange(256)}"
        metadata["managedFields"].append(managed("kubelet", self.time(), status_fields(address), "status"))
        volume = "kube-api-access-" + self.hexadecimal(5)
        for container in containers:
            container["volumeMounts"] = [{"name": volume, "readOnly": True,
                                          "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]
        return {"metadata": metadata, "spec": pod_spec(containers, volume, node),
                "status": self.pod_status(phase, containers, address)}

    def container(self, name):
        amount = {"cpu": f"{self.random.choice((50, 100, 250))}m", "memory": f"{self.random.choice((64, 128, 512))}Mi"}
        return {"name": name, "image": self.random.choice(IMAGES),
                "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                "resources": {"limits": amount, "requests": amount}, "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent"}

    def pod_status(self, phase, containers, address):
        up, since = phase == "Running", self.time()
        status = {"phase": phase, "conditions": [
            {"type": kind, "status": "True" if up or kind == "PodScheduled" else "False", "lastProbeTime": None,
             "lastTransitionTime": since} for kind in CONDITIONS], "hostIP": "192.168.1.12", "hostIPs": [{"ip": "192.168.1.12"}],
            "podIP": address, "podIPs": [{"ip": address}], "startTime": since}
        states = {"Running": {"running": {"startedAt": since}}, "Pending": {"waiting": {"reason": "ContainerCreating"}},
                  "Succeeded": {"terminated": self.ended(0, "Completed")}, "Failed": {"terminated": self.ended(137, "OOMKilled")}}
        status["containerStatuses"] = [
            {"name": container["name"], "state": states[phase], "lastState": {}, "ready": up,
             "restartCount": self.random.choice((0, 0, 0, 0, 1, 2, 7)), "image": container["image"],
             "imageID": container["image"].rpartition(":")[0] + "@sha256:" + self.hexadecimal(64),
             "containerID": "containerd://" + self.hexadecimal(64), "started": up} for container in containers]
        return {**status, "qosClass": "Guaranteed"}

    def ended(self, code, reason):
        return {"exitCode": code, "reason": reason, "startedAt": self.time(), "finishedAt": self.time(),
                "containerID": "containerd://" + self.hexadecimal(64)}

    def node(self, name):
        labels = {"kubernetes.io/arch": "arm64", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        amounts = {"cpu": "4", "ephemeral-storage": "121223424Ki", "memory": "8245460Ki", "pods": "110"}
        beat = self.time()
        return {"metadata": self.metadata(name, "", labels), "spec": {"podCIDR": "10.42.0.0/24", "providerID": "k3s://" + name},
                "status": {"capacity": amounts, "allocatable": amounts, "conditions": [
                    {"type": kind, "status": "True" if kind == "Ready" else "False", "lastHeartbeatTime": beat,
                     "lastTransitionTime": beat, "reason": "Kubelet"}
                    for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")],
                    "addresses": [{"type": "InternalIP", "address": "192.168.1.12"}, {"type": "Hostname", "address": name}],
                    "nodeInfo": {"machineID": self.hexadecimal(32), "systemUUID": self.uid(), "bootID": self.uid(),
                                 "kernelVersion": "6.12.34+rpt-rpi-v8", "osImage": "Debian GNU/Linux 13 (trixie)",
                                 "containerRuntimeVersion": "containerd://2.1.5-k3s1", "kubeletVersion": "v1.36.2+k3s1",
                                 "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "arm64"}}}

    def workload(self, namespace, app, replicas):
        """(deployment, its replica set)"""
        labels = {"app": app}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [self.container("main")]}}
        counts = {"observedGeneration": 1, "replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas}
        since = self.time()
        deployment = {"metadata": self.metadata(app, namespace, labels), "spec": {
            "replicas": replicas, "selector": {"matchLabels": labels}, "template": template,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}},
            "status": {**counts, "updatedReplicas": replicas, "conditions": [
                {"type": "Available", "status": "True", "lastUpdateTime": since, "lastTransitionTime": since,
                 "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability."}]}}
        set_ = {"metadata": self.metadata(f"{app}-{self.hexadecimal(9)}", namespace, labels, ("Deployment", "apps/v1", deployment)),
                "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
                "status": {**counts, "fullyLabeledReplicas": replicas}}
        return deployment, set_

    def around(self, namespace, app):
        """What else stands beside a deployment: (plural, object), …"""
        labels = {"app": app}
        yield "services", {"metadata": self.metadata(app, namespace, labels), "spec": {
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}], "selector": labels,
            "clusterIP": f"10.96.{self.random.randrange(256)}.{self.random.randrange(256)}", "type": "ClusterIP"},
            "status": {"loadBalancer": {}}}
        yield "configmaps", {"metadata": self.metadata(f"{app}-settings", namespace, labels),
                             "data": {"settings.yml": "mode: home\n" * self.random.randrange(20, 200)}}
        yield "secrets", {"metadata": self.metadata(f"{app}-key", namespace, labels),
                          "data": {"key": "bm90LWEtc2VjcmV0"}, "type": "Opaque"}


def blank(keys):
    return {".": {}, **{"f:" + key: {} for key in keys}}


def managed(manager, time, fields, subresource=None):
    row = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": time, "fieldsType": "FieldsV1",
           "fieldsV1": fields}
    return {**row, **({"subresource": subresource} if subresource else {})}


def spec_fields(labels, containers):
    of_container = blank(("image", "imagePullPolicy", "name", "resources", "terminationMessagePath", "terminationMessagePolicy"))
    of_container["f:ports"] = {".": {}, 'k:{"containerPort":8080,"protocol":"TCP"}': blank(("containerPort", "name", "protocol"))}
    of_container["f:resources"] = {".": {}, "f:limits": blank(("cpu", "memory")), "f:requests": blank(("cpu", "memory"))}
    return {"f:metadata": {"f:generateName": {}, "f:labels": blank(labels), "f:ownerReferences": {".": {}}},
            "f:spec": {"f:containers": {f'k:{{"name":"{container["name"]}"}}': of_container for container in containers},
                       **{f"f:{name}": {} for name in ("dnsPolicy", "enableServiceLinks", "restartPolicy", "schedulerName",
                                                       "securityContext", "terminationGracePeriodSeconds")}}}


def status_fields(address):
    times = blank(("lastProbeTime", "lastTransitionTime", "status", "type"))
    return {"f:status": {"f:conditions": {".": {}, **{f'k:{{"type":"{kind}"}}': times for kind in CONDITIONS}},
                         "f:containerStatuses": {}, "f:hostIP": {}, "f:hostIPs": {}, "f:phase": {}, "f:podIP": {},
                         "f:podIPs": {".": {}, f'k:{{"ip":"{address}"}}': blank(("ip",))}, "f:startTime": {}}}


def pod_spec(containers, volume, node):
    token = [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
             {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
             {"downwardAPI": {"items": [{"path": "namespace",
                                         "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]
    return {"volumes": [{"name": volume, "projected": {"sources": token, "defaultMode": 420}}], "containers": containers,
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default", "serviceAccount": "default", "nodeName": node, "securityContext": {},
            "schedulerName": "default-scheduler", "tolerations": [
                {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
                for key in ("not-ready", "unreachable")],
            "priority": 0, "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority"}


def populate(store, pods, seed=1, pods_only=False):
    """Adds to the store until it has this many pods; with pods_only nothing but pods comes in, as clones would."""
    maker = Maker(seed)

    def put(plural, object_):
        object_["metadata"]["resourceVersion"] = str(store.rv)
        store.place(plural, object_)

    for number in range(pods - store.count("pods")):
        if number % HUNDREDS == 0:
            node = f"pi-f-{number // HUNDREDS:02}"
            if not pods_only:
                put("nodes", maker.node(node))
        if number % TEN == 0:
            namespace, app = f"fleet-{number // (10 * HUNDREDS)}", f"app-{number // TEN:03}"
            deployment, set_ = maker.workload(namespace, app, TEN)
            if not pods_only:
                put("deployments", deployment)
                put("replicasets", set_)
                for plural, object_ in maker.around(namespace, app):
                    put(plural, object_)
        if not pods_only and number % (10 * HUNDREDS) == 0:
            put("namespaces", {"metadata": maker.metadata(namespace), "spec": {"finalizers": ["kubernetes"]},
                               "status": {"phase": "Active"}})
        put("pods", maker.pod(namespace, app, set_, node))
    return store
