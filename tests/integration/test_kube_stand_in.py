"""The stand-in API server against what the real one answered: its answers are the captures, byte for byte where they were kept so.
A test that passes against it has passed against those shapes."""
import gzip
import json
import re

from harness import get, main
from kube_stand_in_case import METADATA, TABLE, StandInCase, captured
from kube_store import dump


class Captured(StandInCase):
    def test_every_list(self):
        self.serve()
        for resource in self.server.store.resources.values():
            with self.subTest(resource.plural):
                status, headers, body = self.ask(f"{resource.path}/{resource.plural}")
                self.assertEqual((status, body), (200, captured(f"list-{resource.plural}.json")))
                self.assertEqual(headers["Content-Type"], "application/json")

    def test_headers(self):
        self.serve()
        wanted = re.findall(r"^([\w-]+):", captured("headers-list-pods-h1.txt").decode(), re.M)
        self.assertEqual(list(self.ask("/api/v1/pods")[1]), wanted)
        _, answer = self.watch("/api/v1/pods", resourceVersion=438, timeoutSeconds=0)
        self.assertEqual(list(dict(answer.getheaders())), wanted)
        self.server.gzip_from = 1
        status, headers, body = get(self.server.port, "/api/v1/pods", {"Accept-Encoding": "gzip"})
        self.assertEqual((list(headers), gzip.decompress(body)),
                         (re.findall(r"^([\w-]+):", captured("headers-list-gzip.txt").decode(), re.M), captured("list-pods.json")))

    def test_every_watch(self):
        """The captured events, put into the store, come out as they were."""
        self.serve()
        for resource in self.server.store.resources.values():
            with self.subTest(resource.plural):
                lines = [line for line in captured(f"watch-{resource.plural}.jsonl").splitlines(True) if b'"BOOKMARK"' not in line]
                before, sent = self.server.store.rv, []
                for line in lines:
                    event = json.loads(line)
                    object_ = {key: value for key, value in event["object"].items() if key not in ("kind", "apiVersion")}
                    metadata = object_["metadata"]
                    was = b'"resourceVersion":' + dump(metadata["resourceVersion"])
                    if event["type"] == "DELETED":
                        self.server.store.delete(resource.plural, metadata["name"], metadata.get("namespace", ""))
                    else:
                        self.server.store.put(resource.plural, object_)
                    line = line.replace(was, b'"resourceVersion":' + dump(str(self.server.store.rv)), 1)
                    sent.append(line)
                body = self.events(f"{resource.path}/{resource.plural}", resourceVersion=before, timeoutSeconds=0)
                self.assertEqual(body, b"".join(sent))

    def test_bookmarks(self):
        self.serve()
        self.server.bookmark_seconds = 0.05
        for resource in self.server.store.resources.values():
            with self.subTest(resource.plural):
                wanted = next(json.loads(line) for line in captured(f"watch-{resource.plural}.jsonl").splitlines()
                              if b'"BOOKMARK"' in line)
                wanted["object"]["metadata"]["resourceVersion"] = "438"
                lines = self.events(f"{resource.path}/{resource.plural}", resourceVersion=438, allowWatchBookmarks="true",
                                    timeoutSeconds="0.08").splitlines()
                self.assertEqual(json.loads(lines[0]), wanted)
        self.assertEqual(self.events("/api/v1/pods", resourceVersion=438, timeoutSeconds="0.1"), b"")

    def test_watch_list(self):
        self.serve()
        self.server.store.rv = 577
        ask = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true",
               "timeoutSeconds": 0}
        lines = lambda name: captured(name).splitlines()  # noqa: E731
        self.assertEqual(self.events("/api/v1/configmaps", **ask).splitlines()[-1], lines("watchlist-configmaps.jsonl")[-1])
        self.assertEqual(self.events("/api/v1/namespaces", **ask).splitlines()[:10], lines("watch-rv0-namespaces.jsonl"))
        self.assertEqual(self.watch("/api/v1/pods", sendInitialEvents="true")[1].status, 422)
        self.server.watch_list = "refused"
        self.assertEqual(self.watch("/api/v1/pods", **ask)[1].status, 422)
        self.server.watch_list = "ignored"
        self.assertEqual(self.events("/api/v1/namespaces", **ask), captured("watch-rv0-namespaces.jsonl"))

    def test_watches_without_version(self):
        self.serve()
        self.assertEqual(self.events("/api/v1/namespaces", resourceVersion=0), captured("watch-rv0-namespaces.jsonl"))
        self.assertEqual(self.events("/api/v1/namespaces"), captured("watch-norv-namespaces.jsonl"))
        self.assertEqual(self.events("/api/v1/pods", resourceVersion=99999999), captured("watch-future-rv.jsonl"))

    def test_pages(self):
        self.serve()
        self.server.store.rv = 577  # the version at which the pages were captured; no pod had changed since
        _, _, first = self.ask("/api/v1/pods", limit=3)
        self.assertEqual(first, captured("page1-pods.json"))
        token = json.loads(first)["metadata"]["continue"]
        self.server.store.delete("pods", "custom-reason", "ci")  # a page shows what was there when the first one was
        self.assertEqual(self.ask("/api/v1/pods", limit=3, **{"continue": token})[2], captured("page2-pods.json"))
        whole = self.ask("/api/v1/pods", limit=3, resourceVersion=0)[2]
        self.assertEqual(len(json.loads(whole)["items"]), 29)

    def test_errors(self):
        self.serve()
        self.server.future_seconds = 0.05
        self.server.store.rv = 577
        wanted = [("err-404-group.txt", 404, "/apis/nope.example.org/v1/things", {}),
                  ("err-404-version.txt", 404, "/apis/batch/v1beta1/jobs", {}),
                  ("err-504-future-rv.json", 504, "/api/v1/pods", {"resourceVersion": 99999999}),
                  ("err-500-badrv.json", 500, "/api/v1/pods", {"resourceVersion": "abc"})]
        for name, code, path, query in wanted:
            with self.subTest(name):
                status, _, body = self.ask(path, **query)
                self.assertEqual((status, body.strip()), (code, captured(name).strip()))
        self.server.anonymous = "nobody"
        self.server.forbidden = {"pods"}
        self.assertEqual(self.ask("/api/v1/pods")[::2], (403, captured("err-403.json")))
        self.assertEqual(self.ask("/api/v1/pods", watch="true")[::2], (403, captured("err-403-watch.json")))
        self.server.anonymous = None
        self.assertEqual(self.ask("/api/v1/nodes")[::2], (401, captured("err-401.json")))

    def test_expiry(self):
        self.serve()
        token = json.loads(self.ask("/api/v1/configmaps", limit=1)[2])["metadata"]["continue"]
        self.server.store.rv = 718
        self.server.store.compact()
        self.assertEqual(self.events("/api/v1/configmaps", resourceVersion=707),
                         captured("watch-410-after-restart-configmaps.jsonl"))
        self.assertEqual(self.events("/api/v1/configmaps", resourceVersion=718, timeoutSeconds="0.1"), b"")
        status, _, body = self.ask("/api/v1/configmaps", limit=1, **{"continue": token})
        self.assertEqual((status, body), (410, captured("err-410-continue.json")))
        rest = json.loads(body)["metadata"]["continue"]  # the way on, at the price of consistency
        items = json.loads(self.ask("/api/v1/configmaps", **{"continue": rest})[2])["items"]
        self.assertEqual([item["metadata"]["name"] for item in items],
                         ["kube-apiserver-legacy-service-account-token-tracking", "jellyfin-env", "kube-root-ca.crt"])
        status, _, body = self.ask("/api/v1/configmaps", resourceVersion=500, resourceVersionMatch="Exact")
        self.assertEqual((status, body), (410, captured("err-410-exact.json")))

    def test_expiry_of_an_open_watch(self):
        self.serve()
        _, answer = self.watch("/api/v1/configmaps", resourceVersion=438)
        self.server.expire()
        self.assertEqual(json.loads(answer.readline())["object"]["code"], 410)

    def test_forms_of_secrets(self):
        self.serve()
        wanted = json.loads(captured("metaonly-list-secrets.json"))
        self.assertEqual(json.loads(self.ask("/api/v1/secrets", METADATA)[2]), wanted)
        self.assertEqual(json.loads(self.ask("/api/v1/configmaps", METADATA)[2]),
                         json.loads(captured("metaonly-list-configmaps.json")))
        body = self.events("/api/v1/secrets", METADATA)
        self.assertEqual(body, captured("watch-metaonly-secrets.jsonl"))
        wanted = json.loads(captured("table-list-secrets.json"))
        found = json.loads(self.ask("/api/v1/secrets", TABLE)[2])
        for row in wanted["rows"] + found["rows"]:
            self.assertRegex(row["cells"].pop(), r"^\d+[smhd]")
        self.assertEqual(found, wanted)

    def test_watch_of_secrets_as_table(self):
        self.serve()
        self.server.store.rv = 451
        wanted = [json.loads(line) for line in captured("table-watch-secrets.jsonl").splitlines()]
        for event in wanted[:2]:
            metadata = dict(event["object"]["rows"][0]["object"]["metadata"])
            self.server.store.put("secrets", {"metadata": metadata, "data": {"k": "dg=="}, "type": "Opaque"})
        self.server.store.delete("secrets", "seen", "default")
        self.server.bookmark_seconds = 0.05
        lines = self.events("/api/v1/secrets", TABLE, resourceVersion=451, allowWatchBookmarks="true",
                            timeoutSeconds="0.08").splitlines()
        found = [json.loads(line) for line in lines[:4]]
        for event in wanted[:3] + found[:3]:
            event["object"]["rows"][0]["cells"].pop()
        self.assertEqual(found, wanted)

    def test_selectors(self):
        self.serve()
        names = lambda path, **query: {(i["metadata"].get("namespace"), i["metadata"]["name"])  # noqa: E731
                                       for i in json.loads(self.ask(path, **query)[2])["items"]}
        every = names("/api/v1/pods")
        self.assertEqual(names("/api/v1/namespaces/ci/pods"), {key for key in every if key[0] == "ci"})
        self.assertEqual(names("/api/v1/pods", fieldSelector="metadata.namespace!=ci,metadata.namespace!=media"),
                         {key for key in every if key[0] not in ("ci", "media")})
        self.assertEqual(names("/api/v1/nodes", fieldSelector="metadata.name=pi-w-1"), {(None, "pi-w-1")})
        waiting, placed = (names("/api/v1/pods", fieldSelector="spec.nodeName" + rest) for rest in ("=", "!="))
        self.assertEqual((waiting | placed, waiting & placed), (every, set()))
        self.assertEqual(self.ask("/api/v1/nodes", fieldSelector="spec.nodeName=a")[0], 400)
        pod = self.server.store.get("pods", "gated-1", "ci")
        _, answer = self.watch("/api/v1/pods", fieldSelector="spec.nodeName=", resourceVersion=438, timeoutSeconds=2)
        pod["spec"]["nodeName"] = "pi-w-1"
        self.server.store.put("pods", pod)
        event = json.loads(answer.readline())
        self.assertEqual((event["type"], event["object"]["metadata"]["resourceVersion"]), ("DELETED", "439"))
        self.assertNotIn("nodeName", event["object"]["spec"])

    def test_single_objects_and_discovery(self):
        self.serve()
        self.assertEqual(json.loads(self.ask("/api/v1/namespaces/media")[2])["kind"], "Namespace")
        self.assertEqual(json.loads(self.ask("/api/v1/namespaces/ci/pods/gated-1")[2])["metadata"]["name"], "gated-1")
        self.assertEqual(self.ask("/api/v1/namespaces/ci/pods/none")[0], 404)
        self.assertEqual(self.ask("/version")[2], captured("version.json"))
        self.assertIn("cronjobs", [row["name"] for row in json.loads(self.ask("/apis/batch/v1")[2])["resources"]])


if __name__ == "__main__":
    main()
