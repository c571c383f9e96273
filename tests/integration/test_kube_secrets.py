"""What is secret stays where it is: values planted in a Secret's data and stringData and in the annotation
last-applied-configuration of Secrets and of everything else reach neither the wire (where that can be had), nor the page, nor
the memory of the exporter."""
import base64
import json
import pathlib
import re

import kube_model
from harness import get, main, until
from kube_case import ALL_FLAGS, KubeCase
from kube_store import Store

APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def encoded(marker):
    return base64.b64encode(marker.encode()).decode()


def memory_has(pid, needles):
    """Which of these bytes stand in the writable memory of a process."""
    found, longest = set(), max(map(len, needles))
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            at, end, rest = int(begin, 16), int(end, 16), b""
            while "w" in rights and at < end:
                try:
                    memory.seek(at)
                    piece = memory.read(min(1 << 20, end - at))
                except OSError:
                    break  # a guard page
                if not piece:
                    break
                found.update(needle for needle in needles if needle in rest + piece)
                at, rest = at + len(piece), piece[-longest:]
    return found


class Secrets(KubeCase):
    MARKERS = [f"m4rker-{name}-9f3c71" for name in ("data", "string", "old", "made", "big", "other", "pod")]
    DATA, STRING, OLD, MADE, BIG, OTHER, POD = MARKERS

    def applied(self, name, marker, size=1):
        """What kubectl apply leaves of a Secret in the annotation."""
        return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
                           "stringData": {"key": marker * size}, "data": {"key": encoded(marker)}})

    def secret(self, name, marker, size=1):
        annotations = {APPLIED: self.applied(name, marker, size), "note": "harmless"}
        return {"metadata": {"name": name, "namespace": "ci", "uid": "uid-" + name, "resourceVersion": "0",
                             "creationTimestamp": "2026-11-22T12:00:00Z", "labels": {"app": "vault"}, "annotations": annotations},
                "data": {"key": encoded(self.DATA)}, "stringData": {"key": self.STRING}, "type": "Opaque"}

    def planted(self):
        """A store with a value in every place where it may stand from the start."""
        store = Store().load()
        store.place("secrets", self.secret("old", self.OLD))
        for plural, marker in (("configmaps", self.OTHER), ("deployments", self.OTHER), ("pods", self.POD), ("nodes", self.OTHER)):
            for item in list(store.resources[plural].items.values()):
                object_ = item.object()
                object_["metadata"].setdefault("annotations", {})[APPLIED] = self.applied("inner", marker)
                store.place(plural, object_)
        return store

    def events(self, server):
        """The same by events: secrets that come, change and go, one with an annotation of 200 kB."""
        server.store.put("secrets", self.secret("made", self.MADE))
        server.store.put("secrets", self.secret("big", self.BIG, 10_000))
        changed = self.secret("made", self.MADE)
        changed["metadata"]["labels"]["app"] = "vault2"
        server.store.put("secrets", changed)
        server.store.put("secrets", self.secret("gone", self.MADE))
        server.store.delete("secrets", "gone", "ci")
        pod = server.store.get("pods", "gated-1", "ci")
        pod["metadata"]["annotations"][APPLIED] += self.POD * 5000
        server.store.put("pods", pod)

    def needles(self):
        return [text.encode() for marker in self.MARKERS for text in (marker, encoded(marker))]

    def check(self, *flags, watch_list="on"):
        server = self.stand_in(store=self.planted())
        server.watch_list = watch_list
        server.markers = [self.DATA.encode(), encoded(self.DATA).encode(), self.STRING.encode()]
        run = self.exporter(server, *flags)
        run.wait_same(lambda: kube_model.expected(server.store), kube_model.FAMILIES)
        self.events(server)
        run.wait_same(lambda: kube_model.expected(server.store), kube_model.FAMILIES)
        server.expire()
        run.wait_same(lambda: kube_model.expected(server.store), kube_model.FAMILIES)
        self.not_on_the_wire(server)
        for page in (get(run.port, "/metrics")[2], get(run.telemetry, "/metrics")[2], run.log().encode()):
            self.assertEqual([needle for needle in self.needles() if needle in page], [])
        self.assertEqual(memory_has(run.pid, [b"jellyfin-env"]), {b"jellyfin-env"}, "the search of the memory works")
        until(lambda: not memory_has(run.pid, self.needles()), 10, "a memory without what is secret")
        return run

    def not_on_the_wire(self, server):
        asked = [a for a in server.requests() if "secrets" in a.path]
        self.assertTrue(asked)
        self.assertEqual([(a.target, a.markers) for a in server.requests() if a.markers], [])
        for one in asked:
            self.assertNotEqual(one.query.get("includeObject"), "Object")
            for wanted in one.headers["Accept"].split(","):
                self.assertRegex(wanted, "as=(Table|PartialObjectMetadata)", "a whole secret is never asked for")

    def test_default(self):
        page = get(self.check().port, "/metrics")[2].decode()
        self.assertIn('kube_secret_type{namespace="ci",secret="made",type="Opaque"} 1', page)
        self.assertNotIn('secret="gone"', page)

    def test_every_annotation_allowed(self):
        """Not even then: what stands beside it in the annotations does show."""
        run = self.check(*ALL_FLAGS, watch_list="refused")
        page = get(run.port, "/metrics")[2].decode()
        self.assertRegex(page, r'kube_secret_annotations\{[^}]*secret="old"[^}]*annotation_note="harmless"')
        self.assertNotIn("last_applied", page)

    def test_asked_for_by_name(self):
        run = self.check(f"--metric-annotations-allowlist=secrets=[{APPLIED}],pods=[{APPLIED}]")
        self.assertNotIn(b"last_applied", get(run.port, "/metrics")[2])

    def test_no_other_form_is_tried(self):
        """A server (or a proxy) that has no Table gets no request for the whole instead."""
        server = self.stand_in(store=self.planted())
        server.markers = [encoded(self.DATA).encode()]
        refused = server.fault("status", "/secrets", code=406)
        run = self.exporter(server)
        until(lambda: refused.met >= 1, 20, "a request")
        run.wait_same(lambda: {series: value for series, value in kube_model.expected(server.store).items()
                               if not series.startswith("kube_secret")}, kube_model.FAMILIES)
        self.not_on_the_wire(server)


if __name__ == "__main__":
    main()
