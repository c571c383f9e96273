"""deploy/kubernetes: each kustomization builds, names only flags that the programs know and only what exists, asks the API for exactly
what the exporter lists, and gives a container no more than it needs. Where kubectl is installed, it builds them too."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import harness

try:
    import yaml

    import kustomize
except ImportError:
    yaml = None

repository = pathlib.Path(__file__).resolve().parents[2]
folder = repository / "deploy/kubernetes"
KIND_ROW = re.compile(r'ResourceKind \w+_kind\{\s*"(\w+)",\s*"/(?:api|apis)(?:/([\w.]+))?/(\w+)",\s*(true|false),\s*(true|false)', re.S)


def exporters_kinds():
    """{resource: (API group, on by default)}, from the exporter's own tables."""
    found = {}
    for path in (repository / "exporters/k8s_state/resources").glob("*.cpp"):
        for name, group, _, _, enabled in KIND_ROW.findall(path.read_text()):
            found[name] = (group, enabled == "true")
    return found


def containers(objects):
    for thing in objects:
        if thing["kind"] in ("Deployment", "DaemonSet", "StatefulSet"):
            pod = thing["spec"]["template"]["spec"]
            for container in pod["containers"]:
                yield thing, pod, container


@unittest.skipUnless(yaml, "needs python3-yaml")
class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        paths = sorted(path.parent for path in folder.rglob("kustomization.yaml"))
        cls.built = {path.relative_to(folder).as_posix(): kustomize.build(path) for path in paths
                     if kustomize.load_file(path / "kustomization.yaml")[0]["kind"] == "Kustomization"}

    def each(self):
        for name, objects in self.built.items():
            with self.subTest(name):
                yield objects

    def test_all_are_there(self):
        self.assertGreaterEqual(len(self.built), 9)
        self.assertEqual(len([o for o in self.built["."] if o["kind"] in ("DaemonSet", "Deployment")]), 2)

    def test_a_wrong_one_is_found(self):
        with self.assertRaises(kustomize.Wrong):
            kustomize.apply({"spec": {}}, [{"op": "add", "path": "/spec/no/such", "value": 1}], "x")
        with self.assertRaises(kustomize.Wrong):
            kustomize.apply({"spec": {}}, [{"op": "replace", "path": "/spec/no", "value": 1}], "x")

    def test_flags_and_programs_exist(self):
        known = {}
        for objects in self.each():
            for _, _, container in containers(objects):
                program = pathlib.Path(container["command"][0]).name
                if program not in known:
                    text = subprocess.run([harness.options.bin / program, "--help-all"], capture_output=True, text=True, check=True).stdout
                    known[program] = set(re.findall(r"^  (--[\w.-]+)", text, re.M))
                    self.assertGreater(len(known[program]), 10)
                for argument in container["args"]:
                    self.assertIn(argument.split("=")[0], known[program])

    def test_the_programs_take_the_values(self):
        """Each is run with its arguments as they stand; what it says must not be about them."""
        for objects in self.each():
            for _, _, container in containers(objects):
                program = pathlib.Path(container["command"][0]).name
                if program == "pifleet-k8s-state-exporter":
                    arguments = [a.replace("$(NODE_NAME)", "pi1") for a in container["args"] if "tls-config" not in a]
                    arguments = [a for a in arguments if "port=" not in a] + ["--port=0", "--telemetry-port=0", "--host=127.0.0.1",
                                                                              "--telemetry-host=127.0.0.1", "--apiserver=http://127.0.0.1:9"]
                    process = subprocess.Popen([harness.options.bin / program, *arguments], stderr=subprocess.PIPE, text=True)
                    try:
                        said = ""
                        while "listening" not in said:
                            line = process.stderr.readline()
                            self.assertTrue(line, f"it ended: {said}")
                            said += line
                    finally:
                        process.kill()
                        process.wait()
                        process.stderr.close()

    def test_what_is_named_exists(self):
        for objects in self.each():
            names = {(o["kind"], o["metadata"]["name"]) for o in objects}
            for thing, pod, container in containers(objects):
                self.assertEqual(thing["spec"]["selector"]["matchLabels"].items() - thing["spec"]["template"]["metadata"]["labels"].items(),
                                 set())
                if "serviceAccountName" in pod:
                    self.assertIn(("ServiceAccount", pod["serviceAccountName"]), names)
                volumes = {v["name"]: v for v in pod.get("volumes", [])}
                claims = {c["metadata"]["name"] for c in thing["spec"].get("volumeClaimTemplates", [])}
                self.assertEqual({m["name"] for m in container.get("volumeMounts", [])}, set(volumes) | claims)
                for volume in volumes.values():
                    if "configMap" in volume:
                        self.assertIn(("ConfigMap", volume["configMap"]["name"]), names)
                ports = {p["name"] for p in container["ports"]}
                for probe in ("livenessProbe", "readinessProbe"):
                    self.assertIn(container[probe]["httpGet"]["port"], ports)
            for thing in objects:
                if thing["kind"] == "ClusterRoleBinding":
                    self.assertIn(("ClusterRole", thing["roleRef"]["name"]), names)
                    for subject in thing["subjects"]:
                        self.assertIn(("ServiceAccount", subject["name"]), names)
                if thing["kind"] == "Service":
                    chosen = [w for w, _, _ in containers(objects)
                              if thing["spec"]["selector"].items() <= w["spec"]["template"]["metadata"]["labels"].items()]
                    self.assertEqual(len(chosen), 1)  # two behind one address would each be scraped half of the time
                    ports = {p["name"] for p in chosen[0]["spec"]["template"]["spec"]["containers"][0]["ports"]}
                    self.assertLessEqual({p["targetPort"] for p in thing["spec"]["ports"]}, ports)

    def test_selectors_do_not_overlap(self):
        for objects in self.each():
            workloads = [w for w, _, _ in containers(objects)]
            for one in workloads:
                for other in workloads:
                    if one is not other:
                        self.assertFalse(one["spec"]["selector"]["matchLabels"].items() <= other["spec"]["template"]["metadata"]["labels"].items())

    def test_the_account_may_read_exactly_what_is_listed(self):
        kinds = exporters_kinds()
        self.assertEqual(len(kinds), 39)
        for objects in self.each():
            roles = [o for o in objects if o["kind"] == "ClusterRole" and o["metadata"]["name"] == "pifleet-k8s-state-exporter"]
            if not roles:
                continue
            listed = set()
            for _, _, container in containers(objects):
                for argument in container["args"]:
                    if argument.startswith("--resources="):
                        listed |= {(kinds[name][0], name) for name in argument.split("=")[1].split(",")}
            allowed = set()
            for rule in roles[0]["rules"]:
                if rule["verbs"] == ["create"]:
                    self.assertIn(rule["resources"], (["tokenreviews"], ["subjectaccessreviews"]))
                    continue
                self.assertEqual(rule["verbs"], ["list", "watch"])
                self.assertEqual(len(rule["apiGroups"]), 1)
                for resource in rule["resources"]:
                    self.assertNotIn((rule["apiGroups"][0], resource), allowed)
                    allowed.add((rule["apiGroups"][0], resource))
            self.assertEqual(allowed, listed)

    def test_by_default_all_but_secrets(self):
        role = next(o for o in self.built["."] if o["kind"] == "ClusterRole")
        resources = {name for rule in role["rules"] for name in rule["resources"]}
        self.assertEqual(resources, {name for name, (_, enabled) in exporters_kinds().items() if enabled} - {"secrets"})

    def test_containers_get_no_more_than_they_need(self):
        for name, objects in self.built.items():
            for thing, pod, container in containers(objects):
                with self.subTest(name, of=thing["metadata"]["name"]):
                    self.assertIn("memory", container["resources"]["limits"])
                    self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
                    self.assertEqual(bool(pod.get("automountServiceAccountToken", True)), "serviceAccountName" in pod)
                    self.assertNotIn("hostPID", pod)
                    if name == "overlays/node-with-firmware":
                        continue
                    self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
                    self.assertIs(container["securityContext"]["allowPrivilegeEscalation"], False)
                    self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                    self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertTrue(all(mount.get("readOnly") for mount in container.get("volumeMounts", []) if mount["name"] != "data"))

    def test_kubectl_builds_the_same(self):
        kubectl = shutil.which("kubectl")
        if not kubectl:
            self.skipTest("needs kubectl")
        for name, objects in self.built.items():
            with self.subTest(name):
                text = subprocess.run([kubectl, "kustomize", folder / name], capture_output=True, text=True, check=True).stdout
                # Generated names end in a hash of their content, and images have their tag.
                text = re.sub(r"(name: pifleet-(?:forwarder|k8s-state-exporter-web))-[0-9a-z]{10}$", r"\1", text, flags=re.M)
                text = re.sub(r"(image: [\w-]+):0\.1\.0$", r"\1", text, flags=re.M)
                theirs = [json.dumps(o, sort_keys=True) for o in yaml.safe_load_all(text)]
                self.assertEqual(sorted(theirs), sorted(json.dumps(o, sort_keys=True) for o in objects))


if __name__ == "__main__":
    harness.main()
