"""What is wrong around the exporter: no way to a cluster, credentials that are not taken, answers of somebody else, objects that no
server should send. A clear word with what to do, the rest goes on, memory stays bounded, and once it is right, it works."""
import pathlib
import re

import kube_model
from harness import main, until
from kube_case import KubeCase, reference
from kube_pki import kubeconfig
from kube_stand_in import TOKEN

NOWHERE = ("-u", "KUBECONFIG", "-u", "KUBERNETES_SERVICE_HOST", "-u", "KUBERNETES_SERVICE_PORT", "HOME=/nonexistent")
AFTER = {"metadata": {"name": "after", "namespace": "ci", "uid": "a", "creationTimestamp": None}}


def peak_mb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class NoWayIn(KubeCase):
    def refused(self, *flags, said):
        code, output = self.run_to_end("--host=127.0.0.1", "--port=0", "--telemetry-port=0", *flags, environment=NOWHERE)
        self.assertNotEqual(code, 0, output)
        self.assertRegex(output, said)
        self.assertLess(len(output.splitlines()), 12, "one clear message")

    def test_no_kubeconfig_and_no_cluster(self):
        self.refused(said=r"--kubeconfig")

    def test_kubeconfigs_that_cannot_be_taken(self):
        self.refused("--kubeconfig=/nonexistent/config", said=r"/nonexistent/config")
        self.refused(f"--kubeconfig={self.file('broken', 'clusters: [')}", said=r"broken:\d+:\d+")
        self.refused(f"--kubeconfig={self.file('html', '<html>')}", said=r"html:\d+")
        other = kubeconfig(f"{self.folder}/other", "https://127.0.0.1:1", {"token": "t"}, context="none-such")
        self.refused(f"--kubeconfig={other}", said=r"none-such")

    def test_misspelt_flags(self):
        way = f"--kubeconfig={kubeconfig(f'{self.folder}/way', 'https://127.0.0.1:1', {'token': 't'})}"
        self.refused(way, "--resources=pods,deploymnets", said=r"deploymnets.*deployments")
        self.refused(way, "--metric-labels-allowlist=pod=[*]", said=r"pod\b.*pods")
        self.refused(way, "--metric-allowlist=kube_pod_.*", "--metric-denylist=kube_node_.*",
                     said=r"allowlist.*denylist|denylist.*allowlist")
        self.refused(way, "--metric-denylist=kube_(", said=r"kube_\(")
        self.refused(way, "--resuorces=pods", said=r"resuorces")


class Recovers(KubeCase):
    def setUp(self):
        super().setUp()
        self.server = self.stand_in()
        self.wanted = reference("expected").samples

    def says(self, run, pattern):
        until(lambda: re.search(pattern, run.log()), 20, f"a word like {pattern}")
        self.assertEqual(run.health("/healthz"), 200)
        self.assertEqual(run.page().samples, {})

    def test_token_that_has_expired(self):
        token = self.file("token", "0ld-t0ken")
        run = self.exporter(self.server, kubeconfig=self.server.kubeconfig(f"{self.folder}/k", {"tokenFile": str(token)}))
        self.says(run, r"401.*token|token.*401|[Uu]nauthorized")
        self.assertNotIn("0ld-t0ken", run.log())
        token.write_text(TOKEN)
        run.wait_same(self.wanted, seconds=80)

    def test_authority_that_is_unknown(self):
        path = self.server.kubeconfig(f"{self.folder}/k", cluster={"certificate-authority-data": self.server.pki.data("other.pem")})
        run = self.exporter(self.server, kubeconfig=path)
        self.says(run, r"unknown authority|certificate")
        self.assertEqual(self.server.requests(), [], "no token for a stranger")

    def test_html(self):
        self.server.fault("html")
        run = self.exporter(self.server)
        self.says(run, r"(?i)html|not JSON|is it the API server")
        self.server.heal()
        run.wait_same(self.wanted)

    def test_nobody_there_at_start(self):
        self.server.refuse()
        run = self.exporter(self.server)
        self.says(run, r"(?i)refused|connect")
        self.server.admit()
        run.wait_same(self.wanted)


class BadObjects(KubeCase):
    def setUp(self):
        super().setUp()
        self.server = self.stand_in()
        self.wanted = reference("expected").samples

    def huge(self, name):
        return {"metadata": {"name": name, "namespace": "ci", "uid": "uid-" + name, "creationTimestamp": "2026-11-22T12:00:00Z"},
                "data": {"blob": "x" * 30_000_000}}

    def test_object_of_30_mb(self):
        """In a list, in a watch: it alone may be missing, and what a normal exporter takes is not passed by much."""
        self.server.store.put("configmaps", self.huge("huge-from-the-start"))
        run = self.exporter(self.server)
        others = {series: value for series, value in self.wanted.items() if "kube_configmap" in series}

        def rest_is_right():
            samples = run.page().samples if run.health("/metrics") == 200 else {}
            return others.items() <= samples.items() and {s for s in samples if "huge-" not in s} == set(self.wanted)

        until(rest_is_right, 30, "the others")
        self.server.store.put("configmaps", self.huge("huge-by-event"))
        self.server.store.put("configmaps", AFTER)
        until(lambda: 'kube_configmap_info{namespace="ci",configmap="after"}' in run.page().samples, 30, "the next object")
        self.assertLess(peak_mb(run.pid), 45)
        self.server.store.delete("configmaps", "huge-by-event", "ci")
        self.server.store.delete("configmaps", "huge-from-the-start", "ci")
        self.server.store.delete("configmaps", "after", "ci")
        run.wait_same(self.wanted)

    def test_bytes_that_are_no_object(self):
        """In a watch and in a list; each costs no more than itself."""
        run = self.exporter(self.server).wait_same(self.wanted)
        bodies = [b"null", b"[]", b'"text"', b"{}", b'{"metadata":null}', b'{"metadata":{"name":5,"namespace":[]}}',
                  b'{"metadata":{"name":"a","namespace":"ci","uid":"u1","creationTimestamp":"yesterday","labels":[1],'
                  b'"annotations":7},"spec":[],"status":"fine"}',
                  b'{"metadata":{"name":"b","namespace":"ci","uid":"u2"},"spec":{"containers":{"name":"x"}},"status":{"phase":5,'
                  b'"conditions":null,"containerStatuses":[null,1,{"name":null,"restartCount":"many"}]}}',
                  b'{"metadata":{"name":"deep","namespace":"ci","uid":"u3"},"spec":' + b"[" * 50_000 + b"]" * 50_000 + b"}"]
        for plural in ("pods", "nodes", "secrets", "services"):
            for number, body in enumerate(bodies):
                self.server.store.put_raw(plural, "ci", f"bad-{number}", body)
        self.server.store.put("configmaps", AFTER)
        after = 'kube_configmap_info{namespace="ci",configmap="after"}'
        until(lambda: after in run.page().samples, 20, "what comes after")
        for _ in range(2):
            got = run.page().samples
            self.assertEqual([series for series in self.wanted if series not in got], [])
            self.server.expire()
            until(lambda: after in run.page().samples, 20, "the list with them")
        self.assertEqual(run.health("/healthz"), 200)

    def test_quantities_and_times_that_cannot_be_read(self):
        pod = self.server.store.get("pods", "mqtt-5", "home-automation")
        odd = (("banana", "yesterday"), ("", ""), ("1e9e9", "2026-13-45T99:99:99Z"), ("-", "9" * 400), (None, 7))
        for number, (cpu, when) in enumerate(odd):
            pod["metadata"].update(name=f"odd-{number}", uid=f"odd-{number}", creationTimestamp=when)
            pod["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu, "memory": cpu}, "limits": cpu}
            self.server.store.put("pods", pod)
        run = self.exporter(self.server)
        run.wait_same(lambda: kube_model.expected(self.server.store), kube_model.FAMILIES)
        got = run.page().samples
        self.assertEqual([series for series in self.wanted if got.get(series) != self.wanted[series]], [])
        self.assertEqual([series for series in got if 'pod="odd-' in series and
                          series.startswith(("kube_pod_created", "kube_pod_container_resource_"))], [])


if __name__ == "__main__":
    main()
