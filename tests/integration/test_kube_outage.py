"""An API server that is away: yesterday's state is not shown as today's, and what is new shows within 5 s of its return."""
import time

from harness import get, main, until
from kube_case import KubeCase, reference

WITHIN = 5.0  # seconds from the server's return to a new object's showing


class Outage(KubeCase):
    def new_object(self, server, name):
        server.store.put("configmaps", {"metadata": {"name": name, "namespace": "ci", "uid": name,
                                                     "creationTimestamp": "2026-11-22T12:00:00Z"}})
        return f'kube_configmap_info{{namespace="ci",configmap="{name}"}}'

    def test_new_objects_show_soon_after_an_outage(self):
        server = self.stand_in()
        run = self.exporter(server).wait_same(reference("expected").samples)
        for count, away in enumerate((1, 9, 16)):
            with self.subTest(seconds=away):
                server.refuse()
                series = self.new_object(server, f"made-in-outage-{count}")
                if count == 2:
                    server.store.compact()
                time.sleep(away)
                self.assertNotIn(series, run.page().samples)
                server.admit()
                back = time.monotonic()
                until(lambda: series in run.page().samples, 30, "the new object")
                self.assertLess(time.monotonic() - back, WITHIN)

    def test_new_objects_show_soon_after_a_server_that_hangs(self):
        """It accepts and says nothing: a connection that hangs is given up in time."""
        server = self.stand_in()
        run = self.exporter(server).wait_same(reference("expected").samples)
        server.fault("hang")
        server.drop()
        series = self.new_object(server, "made-while-it-hung")
        time.sleep(8)
        server.heal()
        server.drop()  # the server's restart ends what hung
        back = time.monotonic()
        until(lambda: series in run.page().samples, 30, "the new object")
        self.assertLess(time.monotonic() - back, WITHIN)

    def test_stale_families_are_withdrawn(self):
        server = self.stand_in()
        run = self.exporter(server, "--stale-after=3s").wait_same(reference("expected").samples)
        self.assertEqual(run.health("/livez"), 200)
        server.refuse()
        began = time.monotonic()
        until(lambda: not run.page().samples, 20, "an empty page")
        self.assertGreater(time.monotonic() - began, 2.5)
        text = get(run.port, "/metrics")[2].decode()
        self.assertRegex(text, r"(?m)^# .*(stale|withdrawn)", text[:600])
        self.assertEqual(run.health("/healthz"), 200)
        server.admit()
        run.wait_same(reference("expected").samples)

    def test_one_stale_resource_leaves_the_others(self):
        server = self.stand_in()
        run = self.exporter(server, "--stale-after=3s").wait_same(reference("expected").samples)
        server.fault("status", "/api/v1/nodes", code=500)
        server.drop()
        wanted = {series: value for series, value in reference("expected").samples.items() if not series.startswith("kube_node_")}
        run.wait_same(wanted)
        server.heal()
        run.wait_same(reference("expected").samples)


if __name__ == "__main__":
    main()
