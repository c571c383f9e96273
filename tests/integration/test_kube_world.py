"""The rest of the stand-in's world: who gets in, faults that are what they say, fleets that are the same for the same seed, events
that lead to what a list shows, and an oracle that agrees with the captured page."""
import http.client
import json
import ssl

import kube_fleet
import kube_model
import kube_page
from harness import Case, main, until
from kube_churn import Churn
from kube_pki import Pki
from kube_stand_in import TOKEN
from kube_stand_in_case import METADATA, StandInCase, captured
from kube_store import CAPTURES, Store


class Doors(StandInCase):
    """Who gets in, over TLS."""

    def https(self, token=None, client=False, authority="ca"):
        context = ssl.create_default_context(cafile=self.pki.path(f"{authority}.pem"))
        if client:
            context.load_cert_chain(self.pki.path("client.pem"), self.pki.path("client.key"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.server.port, timeout=10, context=context)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/pods", headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def test_tokens_and_certificates(self):
        self.pki = Pki(self.folder)
        self.serve(pki=self.pki)
        self.assertEqual(self.https(TOKEN), (200, captured("list-pods.json")))
        self.assertEqual(self.https("wrong"), (401, captured("err-401.json")))
        self.assertEqual(self.https(), (401, captured("err-401.json")))
        self.assertEqual(self.https(client=True)[0], 200)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.https(TOKEN, authority="other")
        text = self.server.kubeconfig(f"{self.folder}/config").read_text()
        self.assertIn(f"server: https://127.0.0.1:{self.server.port}\n", text)

    def test_reviews(self):
        self.serve()
        self.server.scrapers = {"good": "prometheus"}
        self.server.grants = {("prometheus", "get", "/metrics")}
        review = lambda kind, spec: json.loads(self.post(kind, {"spec": spec}))["status"]  # noqa: E731
        self.assertEqual(review("/apis/authentication.k8s.io/v1/tokenreviews", {"token": "good"})["user"]["username"], "prometheus")
        self.assertNotIn("authenticated", review("/apis/authentication.k8s.io/v1/tokenreviews", {"token": "bad"}))
        for path, allowed in (("/metrics", True), ("/other", False)):
            spec = {"user": "prometheus", "nonResourceAttributes": {"verb": "get", "path": path}}
            self.assertEqual(review("/apis/authorization.k8s.io/v1/subjectaccessreviews", spec), {"allowed": allowed})

    def post(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", path, body=json.dumps(body), headers={"Content-Type": "application/json"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 201)
        return answer.read()


class Faults(StandInCase):
    def test_faults_of_an_answer(self):
        self.serve()
        self.server.fault("html", "/pods", times=1)
        self.assertEqual(self.ask("/api/v1/pods")[1]["Content-Type"], "text/html")
        self.server.fault("garbage", "/pods", times=1)
        self.assertRaises(ValueError, json.loads, self.ask("/api/v1/pods")[2])
        self.server.fault("status", "/pods", times=1, code=429, headers=[("Retry-After", "1")])
        status, headers, _ = self.ask("/api/v1/pods")
        self.assertEqual((status, headers["Retry-After"]), (429, "1"))
        cut = self.server.fault("cut", "/pods", times=1, at=3)
        with self.assertRaises(http.client.IncompleteRead) as met:
            self.ask("/api/v1/pods")
        self.assertGreater(len(met.exception.partial), 1000)
        self.assertEqual((self.ask("/api/v1/pods")[0], cut.met), (200, 1))
        self.assertEqual([asked.status for asked in self.server.requests("/api/v1/pods")], [200, 200, 429, 200, 200])

    def test_connections(self):
        self.serve()
        _, answer = self.watch("/api/v1/pods", resourceVersion=438)
        self.assertEqual(len(self.server.open_watches()), 1)
        self.server.drop()
        self.assertRaises(http.client.IncompleteRead, answer.read)
        until(lambda: not self.server.open_watches(), 5, "no open watch")
        self.server.refuse()
        self.assertRaises(ConnectionRefusedError, self.ask, "/version")
        self.server.admit()
        self.assertEqual(self.ask("/version")[0], 200)

    def test_faults_of_an_open_watch(self):
        self.serve()
        _, cut = self.watch("/api/v1/pods", resourceVersion=438)
        connection, silent = self.watch("/api/v1/nodes", resourceVersion=438, timeoutSeconds=1)
        self.assertEqual(until(lambda: self.server.on_watches("cut", "/pods"), 5), 1)
        self.assertEqual(until(lambda: self.server.on_watches("silent", "/nodes"), 5), 1)
        self.server.store.put("pods", self.server.store.get("pods", "gated-1", "ci"))
        with self.assertRaises(http.client.IncompleteRead) as met:
            cut.read()
        self.assertTrue(met.exception.partial.startswith(b'{"type":"MODIFIED"'))
        connection.sock.settimeout(1.5)
        with self.assertRaises(TimeoutError):
            silent.read(1)  # neither an event nor the end that its time would bring

    def test_markers_are_seen(self):
        self.serve()
        self.server.markers = (b"not-a-marker", b"bm90LWEtc2VjcmV0")
        self.ask("/api/v1/secrets")
        self.ask("/api/v1/secrets", METADATA)
        self.assertEqual([asked.markers for asked in self.server.requests()], [{b"bm90LWEtc2VjcmV0"}, set()])

    def test_control_over_http(self):
        self.serve()
        self.ask("/api/v1/pods")
        self.ask("/control/churn", rate=200, seconds=1)
        until(lambda: json.loads(self.ask("/control/facts")[2])["churned"] >= 50, 5, "churn")
        self.ask("/control/calm")
        facts = json.loads(self.ask("/control/facts")[2])
        self.assertEqual((facts["requests"], facts["objects"]["pods"]), (1, 30))
        self.assertEqual(json.loads(self.ask("/control/requests")[2])[0]["path"], "/api/v1/pods")


class Fleet(StandInCase):
    def test_same_for_the_same_seed(self):
        one, two, other = (kube_fleet.populate(Store().load(), 130, seed) for seed in (1, 1, 2))
        self.assertEqual(one.objects("pods"), two.objects("pods"))
        self.assertNotEqual(one.objects("pods"), other.objects("pods"))
        sizes = sorted(len(item.body) for item in one.resources["pods"].items.values())[30:]
        self.assertTrue(4000 < sizes[len(sizes) // 2] < 5500, sizes)
        only = kube_fleet.populate(Store().load(), 130, pods_only=True)
        self.assertEqual((only.count("pods"), only.count("nodes"), only.count("deployments")), (130, 4, 5))

    def test_a_snapshot_outlives_churn(self):
        self.serve(store=kube_fleet.populate(Store().load(), 60))
        before = json.loads(self.ask("/api/v1/pods")[2])["items"]
        churn = Churn(self.server.store)
        pages, token = [], None
        while token != "":
            page = json.loads(self.ask("/api/v1/pods", limit=7, **({"continue": token} if token else {}))[2])
            pages += page["items"]
            token = page["metadata"].get("continue", "")
            for _ in range(20):
                churn.step()
        self.assertEqual(pages, before)

    def test_events_lead_to_the_list(self):
        """Whoever applies the events to the list that he had, has what a new list shows."""
        self.serve(store=kube_fleet.populate(Store().load(), 40))
        churn = Churn(self.server.store, seed=5)
        held = {item["metadata"]["uid"]: item for item in json.loads(self.ask("/api/v1/pods")[2])["items"]}
        for _ in range(400):
            churn.step()
        for line in self.events("/api/v1/pods", resourceVersion=438, timeoutSeconds=0).splitlines():
            event = json.loads(line)
            object_ = {key: value for key, value in event["object"].items() if key not in ("kind", "apiVersion")}
            held.pop(object_["metadata"]["uid"], None)
            if event["type"] != "DELETED":
                held[object_["metadata"]["uid"]] = object_
        now = json.loads(self.ask("/api/v1/pods")[2])["items"]
        self.assertEqual(held, {item["metadata"]["uid"]: item for item in now})


class Model(Case):
    def test_model_is_the_captured_page(self):
        """The oracle of the churn tests is right about what kube-state-metrics showed for the captured cluster."""
        page = kube_page.Page((CAPTURES.parent / "expected.prom").read_text())
        wanted = page.of(*kube_model.FAMILIES)
        self.assertGreater(len(wanted), 300)
        self.assertEqual(kube_page.differences(kube_model.expected(Store().load()), wanted), [])

    def test_a_page_is_read_strictly(self):
        for text in ('# TYPE a gauge\na{b="c" 1\n', "# TYPE a gauge\nb 1\n", "# TYPE a gauge\na 1\na 1\n", "# TYPE a gauge\na 1",
                     '# TYPE a gauge\na{b="\\x"} 1\n', '# TYPE a gauge\na{b="c",} 1\n', "# TYPE a gauge\n# TYPE a gauge\n"):
            with self.subTest(text), self.assertRaises(ValueError):
                kube_page.Page(text)
        page = kube_page.Page('# TYPE a gauge\na{b="\\"\\n\\\\",c=""} 1.5e+3\n')
        self.assertEqual(page.samples, {'a{b="\\"\\n\\\\",c=""}': 1500})


if __name__ == "__main__":
    main()
