"""What may happen between the exporter and the API server: cuts, garbage, versions that are too old in both forms, refusals.
Whatever it was, the page is soon what the server has, without a restart, and nothing that vanished stays."""
import time

import kube_model
from harness import main, until
from kube_case import KubeCase, reference
from kube_churn import Churn
from kube_store import Store

MODEL = kube_model.FAMILIES


class FaultCase(KubeCase):
    def running(self, *flags, **more):
        """A server with the captured cluster and an exporter that shows it."""
        self.server = self.stand_in(**more)
        self.ours = self.exporter(self.server, *flags)
        self.ours.wait_same(lambda: kube_model.expected(self.server.store), MODEL)
        return self.server

    def settles(self, seconds=20, what="the page"):
        self.ours.wait_same(lambda: kube_model.expected(self.server.store), MODEL, seconds, what)

    def change(self, steps=60, seed=1):
        churn = Churn(self.server.store, seed=seed)
        for _ in range(steps):
            churn.step()

    def watching(self, plural="pods"):
        return any(asked.path.endswith("/" + plural) for asked in self.server.open_watches())


class Recovery(FaultCase):
    def test_answers_that_are_none(self):
        """Each of them to every list and watch of two resources until it has been met three times (a delay: twice, for then
        the two are watched again)."""
        self.running()
        faults = [("html", {}), ("html", {"status": 502}),
                  ("garbage", {}), ("garbage", {"body": b""}), ("garbage", {"body": b"[]"}),
                  ("garbage", {"body": b'{"kind":"PodList","items":null'}), ("status", {"code": 500}), ("cut", {"at": 1}),
                  ("status", {"code": 429, "headers": [("Retry-After", "1")]}), ("delay", {"seconds": 0.3})]
        for count, (kind, more) in enumerate(faults):
            with self.subTest(kind, **{key: str(value) for key, value in more.items()}):
                fault = self.server.fault(kind, "/(pods|configmaps)", **more)
                self.server.expire()  # lists and watches begin anew
                self.change(20, seed=count)
                until(lambda: fault.met >= (2 if kind == "delay" else 3), 30, "the fault met")
                self.server.heal()
                self.settles(20, kind)

    def test_cut_in_the_middle_of_an_event(self):
        self.running()
        until(lambda: len(self.server.open_watches()) > 30, 20, "open watches")
        for seed in range(3):
            self.assertGreater(self.server.on_watches("cut"), 0)
            self.change(60, seed)
            self.settles(what="after a cut")
            until(self.watching, 20, "a watch again")
        self.assert_from_scratch(self.ours, self.server)

    def test_dropped_connections(self):
        self.running()
        for seed in range(4):
            self.server.drop()
            self.change(40, seed)
            self.settles(what="after a drop")

    def test_versions_that_are_too_old(self):
        """410 within an open watch, 410 of a watch that begins; what was deleted meanwhile goes."""
        self.running()
        lists = len(self.server.requests("/api/v1/pods", watch=False))
        self.change(60)
        self.server.expire()
        self.settles(what="410 in an open watch")
        self.server.refuse()
        self.change(60, seed=2)
        self.server.store.compact()
        self.server.admit()
        self.settles(what="410 of a new watch")
        began = len(self.server.requests("/api/v1/pods"))
        self.assertGreater(began, lists)
        self.assert_from_scratch(self.ours, self.server)

    def test_bookmarks_save_lists(self):
        """A quiet resource's version grows with the bookmarks: events of others that are compacted cost it no new list."""
        server = self.stand_in()
        server.bookmark_seconds = 0.2
        run = self.exporter(server)
        run.wait_same(reference("expected").samples)
        for _ in range(20):
            server.store.put("configmaps", server.store.get("configmaps", "jellyfin-env", "media"))
        now = server.store.rv
        until(lambda: len(server.open_watches()) > 30 and all(asked.pieces for asked in server.open_watches()), 20, "bookmarks")
        time.sleep(0.5)  # two bookmarks more: every watch has one of `now`
        server.store.compact()
        before = len(server.asked)
        server.drop()
        until(lambda: len(server.open_watches()) > 30, 20, "watches again")
        later = [asked for asked in server.requests(since=before) if asked.path != "/livez"]
        self.assertEqual([asked.target for asked in later
                          if not asked.watch or int(asked.query.get("resourceVersion") or 0) < now], [])

    def test_continue_token_that_is_too_old(self):
        """The 410 of a page: the list begins anew (or goes on inconsistently and is mended), and the page is right."""
        server = self.stand_in(store=Store().load())
        server.watch_list = "refused"
        for count in range(700):
            server.store.place("configmaps", {"metadata": {"name": f"one-of-many-{count:03}", "namespace": "ci", "uid": f"u{count}",
                                                           "resourceVersion": "438", "creationTimestamp": "2026-11-22T12:21:46Z"}})
        slow = server.fault("delay", "/configmaps.*continue=", times=1, seconds=1.5)
        run = self.exporter(server)
        until(lambda: slow.met, 20, "a second page")
        server.store.delete("configmaps", "jellyfin-env", "media")
        server.store.compact()
        run.wait_same(lambda: kube_model.expected(server.store), MODEL)
        self.assertIn(410, [asked.status for asked in server.requests("/api/v1/configmaps")])

    def test_one_resource_that_never_answers(self):
        """A hanging list of one holds back none of the others."""
        server = self.stand_in()
        server.fault("hang", "/nodes")
        run = self.exporter(server)
        wanted = {series: value for series, value in reference("expected").samples.items() if not series.startswith("kube_node_")}
        run.wait_same(wanted)
        server.heal()

    def test_watch_that_ends_by_its_time(self):
        """What is asked of a watch; its end is no fault and costs no list."""
        self.running()
        until(lambda: len(self.server.open_watches()) > 30, 20, "open watches")
        for asked in self.server.open_watches():
            query = asked.query
            self.assertEqual((query.get("timeoutSeconds"), query.get("allowWatchBookmarks")), ("240", "true"), asked.target)
        connections = [asked.connection for asked in self.server.open_watches()]
        self.assertEqual(len(connections), len(set(connections)), "a connection for each watch")


class Refused(FaultCase):
    def test_forbidden_and_missing(self):
        """Said once each, and the others go on."""
        self.server = self.stand_in()
        self.server.forbidden, self.server.missing = {"secrets"}, {"leases"}
        run = self.exporter(self.server)
        wanted = {series: value for series, value in reference("expected").samples.items()
                  if not series.startswith(("kube_secret_", "kube_lease_"))}
        run.wait_same(wanted)
        self.server.drop()
        self.server.store.put("configmaps", self.server.store.get("configmaps", "jellyfin-env", "media"))
        changed = 'kube_configmap_metadata_resource_version{namespace="media",configmap="jellyfin-env"}'
        until(lambda: run.page().samples[changed] == 439, 20, "the others go on")
        for plural in ("secrets", "leases"):
            self.assertEqual(run.said(rf"^.*\b{plural}\b.*$"), 1, run.log())

    def test_many_answers_of_401(self):
        """A token that is no longer good: said with what to do, and asked again without a flood."""
        self.running()
        self.server.tokens = {}
        self.server.drop()
        until(lambda: self.ours.said("401|[Uu]nauthorized"), 20, "a word about it")
        before = len(self.server.asked)
        time.sleep(3)
        self.assertLess(len(self.server.asked) - before, 40 * 6)
        self.server.tokens = {"t0ken-of-the-reader": "reader"}
        self.change()
        self.settles()


if __name__ == "__main__":
    main()
