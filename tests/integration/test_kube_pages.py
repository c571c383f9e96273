"""Pages of pifleet-k8s-state-exporter against those that kube-state-metrics showed for the same captured cluster: every sample,
every family in its order; three places where that page is wrong are right in `kube_case.reference`. Then the same pages over
every way in that a kubeconfig knows, and every way in which lists come."""
import gzip
import json
import re

import kube_page
from harness import get, main, until
from kube_case import ALL_FLAGS, KubeCase, reference
from kube_stand_in import TOKEN
from kube_store import CAPTURES, Store

FILTERED = ("--resources=pods,nodes,services",
            "--metric-labels-allowlist=pods=[app,app.kubernetes.io/*],nodes=[pi.example.org/model]",
            "--namespaces=media,ci", "--metric-denylist=^kube_pod_container_.*,kube_.+_created")


def opt_in_families():
    """The two that are off by default: what the page of everything has and that of all default resources has not."""
    names = lambda page: {name for name, _ in page.families}  # noqa: E731
    extra = names(reference("expected-all")) - names(reference("expected"))
    off = ("clusterrole", "endpoint", "ingressclass", "role", "serviceaccount")
    return sorted(name for name in extra if not re.match(rf"kube_({'|'.join(off)})(binding)?_", name))


class Conformance(KubeCase):
    def check(self, name, *flags):
        server = self.stand_in()
        exporter = self.exporter(server, *flags)
        wanted = reference(name)
        exporter.wait_same(wanted.samples)
        self.assertEqual(exporter.page().families, wanted.families)
        return server, exporter

    def test_default(self):
        self.check("expected")

    def test_all(self):
        plurals = sorted(Store().load().resources)
        opt_in = opt_in_families()
        self.assertEqual(len(opt_in), 2)
        self.check("expected-all", "--resources=" + ",".join(plurals), *ALL_FLAGS, "--metric-opt-in-list=" + ",".join(opt_in))

    def test_filtered(self):
        server, _ = self.check("expected-filtered", *FILTERED)
        paths = {asked.path for asked in server.requests()}
        self.assertIn("/api/v1/namespaces/media/pods", paths)
        self.assertNotIn("/api/v1/pods", paths)
        self.assertNotIn("/api/v1/secrets", paths)

    def test_openmetrics_and_gzip(self):
        _, exporter = self.check("expected", "--enable-gzip-encoding")
        text = exporter.page().samples
        _, headers, body = get(exporter.port, "/metrics", {"Accept-Encoding": "gzip"})
        self.assertEqual(headers["Content-Encoding"], "gzip")
        self.assertEqual(kube_page.differences(kube_page.Page(gzip.decompress(body)).samples, text), [])
        _, headers, body = get(exporter.port, "/metrics", {"Accept": "application/openmetrics-text;version=1.0.0"})
        self.assertTrue(headers["Content-Type"].startswith("application/openmetrics-text"))
        self.assertTrue(body.endswith(b"# EOF\n"))
        found = {}
        for line in body.decode().splitlines():
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                found[series] = float(value)
        self.assertEqual(kube_page.differences(found, text), [])


class WaysIn(KubeCase):
    def setUp(self):
        super().setUp()
        self.server = self.stand_in()
        self.count = 0

    def shows(self, user, cluster=None, kubeconfig=None, flags=()):
        """An exporter with this user and cluster shows the pods, and ends."""
        self.count += 1
        if kubeconfig is None:
            kubeconfig = self.server.kubeconfig(f"{self.folder}/way-{self.count}", user, cluster)
        exporter = self.exporter(self.server, "--resources=pods", *flags, kubeconfig=kubeconfig)
        wanted = {series: value for series, value in reference("expected").samples.items() if series.startswith("kube_pod_")}
        exporter.wait_same(wanted)
        exporter.program.end()

    def test_certificates_and_tokens(self):
        pki = self.server.pki
        files = {"certificate-authority": str(pki.path("ca.pem"))}
        self.shows({"token": TOKEN}, files)
        self.shows({"tokenFile": str(self.file("token", TOKEN + "\n"))}, files)
        self.server.tokens = {}  # from here on only a certificate opens
        self.shows({"client-certificate": str(pki.path("client.pem")), "client-key": str(pki.path("client.key"))}, files)
        self.shows({"client-certificate-data": pki.data("client.pem"), "client-key-data": pki.data("client.key")})
        self.shows({"client-certificate-data": pki.data("client.pem"), "client-key-data": pki.data("client.key")},
                   {"insecure-skip-tls-verify": True})

    def test_exec_plugin(self):
        answer = {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1", "status": {"token": TOKEN}}
        plugin = self.file("plugin", f"#!/bin/sh\ntest \"$WHO\" = pi && test \"$1\" = get && echo '{json.dumps(answer)}'\n")
        plugin.chmod(0o755)
        self.shows({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "args": ["get"],
                             "env": [{"name": "WHO", "value": "pi"}], "interactiveMode": "Never"}})

    def test_plain_http_by_apiserver_flag(self):
        plain = self.stand_in(tls=False)
        exporter = self.exporter(plain, "--resources=nodes", f"--apiserver={plain.url}", kubeconfig="")
        wanted = {series: value for series, value in reference("expected").samples.items() if series.startswith("kube_node_")}
        exporter.wait_same(wanted)

    def test_token_file_is_read_again(self):
        token = self.file("token", TOKEN)
        user = {"tokenFile": str(token)}
        exporter = self.exporter(self.server, "--resources=configmaps", kubeconfig=self.server.kubeconfig(f"{self.folder}/k", user))
        until(lambda: self.server.open_watches(), 20, "a watch")
        self.server.tokens = {"the-next-one": "reader"}
        token.write_text("the-next-one")
        self.server.drop()
        self.server.store.put("configmaps", {"metadata": {"name": "later", "namespace": "ci", "uid": "u"}})
        until(lambda: 'kube_configmap_info{namespace="ci",configmap="later"}' in exporter.page().samples, 20, "the new object")


class WaysOfLists(KubeCase):
    def test_servers_with_and_without_watch_list(self):
        wanted = reference("expected").samples
        for way in ("on", "refused", "ignored"):
            with self.subTest(way):
                server = self.stand_in(store=Store().load())
                server.watch_list = way
                exporter = self.exporter(server).wait_same(wanted)
                exporter.program.end()

    def test_without_bookmarks_and_with_short_ones(self):
        server = self.stand_in()
        server.bookmark_seconds = 0.05
        exporter = self.exporter(server).wait_same(reference("expected").samples)
        until(lambda: any(asked.pieces > 40 for asked in server.open_watches()), 20, "many bookmarks")
        exporter.wait_same(reference("expected").samples)

    def test_use_apiserver_cache(self):
        server = self.stand_in()
        server.watch_list = "refused"
        self.exporter(server, "--use-apiserver-cache").wait_same(reference("expected").samples)
        lists = server.requests("/api/v1/pods", watch=False)
        self.assertTrue(lists and all(asked.query.get("resourceVersion") == "0" for asked in lists), [a.target for a in lists])

    def test_captured_events(self):
        """Each captured watch, in the stream: after half of its events the page is that of a fresh start, after all of them, which
        end with a deletion, it is the recorded page again."""
        server = self.stand_in()
        flags = ("--resources=" + ",".join(sorted(server.store.resources)), *ALL_FLAGS)
        wanted = {series: value for series, value in reference("expected-all").samples.items()
                  if series.partition("{")[0] not in opt_in_families()}
        exporter = self.exporter(server, *flags).wait_same(wanted)
        gone = []
        for plural in sorted(server.store.resources):
            for line in (CAPTURES / f"watch-{plural}.jsonl").read_text().splitlines():
                event = json.loads(line)
                object_ = {key: value for key, value in event["object"].items() if key not in ("kind", "apiVersion")}
                if event["type"] in ("ADDED", "MODIFIED"):
                    server.store.put(plural, object_)
                elif event["type"] == "DELETED":
                    gone.append((plural, object_["metadata"]["name"], object_["metadata"].get("namespace", "")))
        self.assert_from_scratch(exporter, server, *flags)
        self.assertGreater(len(exporter.page().samples), len(wanted) + 100)
        for plural, name, namespace in gone:
            server.store.delete(plural, name, namespace)
        exporter.wait_same(wanted)


if __name__ == "__main__":
    main()
