"""Parts of a cluster: shards whose union is the whole and that share nothing, exporters for one node, namespaces taken or left."""
import kube_fleet
import kube_page
from harness import main, until
from kube_case import KubeCase, reference
from kube_store import Store


def fnv64a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def jump(key, buckets):
    """Jump consistent hash, as Lamping and Veach wrote it down."""
    chosen, next_ = -1, 0
    while next_ < buckets:
        chosen = next_
        key = (key * 2862933555777941757 + 1) % 2**64
        next_ = int((chosen + 1) * ((1 << 31) / ((key >> 33) + 1)))
    return chosen


class Shards(KubeCase):
    def test_three_shards_are_the_whole(self):
        server = self.stand_in(store=kube_fleet.populate(Store().load(), 130))
        whole = self.exporter(server)
        shards = [self.exporter(server, f"--shard={number}", "--total-shards=3") for number in range(3)]
        pods = {object_["metadata"]["uid"] for object_ in server.store.objects("pods")}

        def uids(page):
            return {series.partition('uid="')[2].partition('"')[0] for series in page.of("kube_pod_info")}

        until(lambda: whole.health("/metrics") == 200 and uids(whole.page()) == pods, 20, "all pods")
        for number, shard in enumerate(shards):
            wanted = {uid for uid in pods if jump(fnv64a(uid), 3) == number}
            self.assertGreater(len(wanted), 20)
            until(lambda: shard.health("/metrics") == 200 and uids(shard.page()) == wanted, 20, f"the pods of shard {number}")

        def union():
            parts = [shard.page().samples for shard in shards]
            together = {series: value for part in parts for series, value in part.items()}
            self.assertEqual(len(together), sum(map(len, parts)), "the shards share nothing")
            return together

        whole.wait_same(union)

    def test_shard_numbers_are_checked(self):
        for flags in (("--shard=3", "--total-shards=3"), ("--shard=-1", "--total-shards=2"), ("--total-shards=0",)):
            with self.subTest(flags):
                code, said = self.run_to_end("--kubeconfig=/nonexistent", *flags)
                self.assertNotEqual(code, 0)
                self.assertIn("shard", said)


class Selection(KubeCase):
    def pod_series(self, keep):
        """The reference's samples of pods whose namespace and name `keep` lets through."""
        kept = {}
        for series, value in reference("expected").samples.items():
            if series.startswith("kube_pod_"):
                labels = dict(part.split("=", 1) for part in series[series.index("{") + 1:-1].split('",') if "=" in part)
                if keep(labels["namespace"].strip('"'), labels["pod"].strip('"')):
                    kept[series] = value
        self.assertTrue(kept)
        return kept

    def test_one_exporter_per_node(self):
        server = self.stand_in()
        nodes = {(item.namespace, item.name): item.node for item in server.store.resources["pods"].items.values()}
        for node, flags in (("pi-w-1", ("--node=pi-w-1",)), ("", ("--track-unscheduled-pods",))):
            with self.subTest(node):
                before = len(server.asked)
                run = self.exporter(server, "--resources=pods", *flags)
                run.wait_same(self.pod_series(lambda namespace, name: nodes[namespace, name] == node))
                selectors = {asked.query.get("fieldSelector") for asked in server.requests("/api/v1/pods", since=before)}
                self.assertEqual(selectors, {f"spec.nodeName={node}"})

    def test_a_pod_is_scheduled(self):
        """It leaves who tracks the unscheduled and comes to its node's exporter."""
        server = self.stand_in()
        waiting, node = (self.exporter(server, "--resources=pods", flag) for flag in ("--track-unscheduled-pods", "--node=pi-w-2"))
        has = lambda run: any('pod="gated-1"' in series for series in run.page().samples)  # noqa: E731
        until(lambda: waiting.health("/metrics") == 200 and has(waiting), 20, "the pod without a node")
        pod = server.store.get("pods", "gated-1", "ci")
        pod["spec"]["nodeName"] = "pi-w-2"
        server.store.put("pods", pod)
        until(lambda: has(node), 20, "the pod at its node")
        until(lambda: not has(waiting), 20, "the pod gone from where it waited")

    def test_namespaces_left_out(self):
        server = self.stand_in()
        run = self.exporter(server, "--resources=pods,nodes", "--namespaces-denylist=ci,media")
        wanted = self.pod_series(lambda namespace, _: namespace not in ("ci", "media"))
        wanted.update({series: value for series, value in reference("expected").samples.items() if series.startswith("kube_node_")})
        run.wait_same(wanted)
        asked = {a.query.get("fieldSelector") for a in server.requests("/api/v1/pods")}
        self.assertEqual({frozenset(text.split(",")) for text in asked},
                         {frozenset(("metadata.namespace!=ci", "metadata.namespace!=media"))})
        self.assertNotIn("fieldSelector", {key for a in server.requests("/api/v1/nodes") for key in a.query})

    def test_limits_and_sizes_of_pages(self):
        """A list comes in pages below 1 MB; with --object-limit no more than that many are shown."""
        server = self.stand_in(store=kube_fleet.populate(Store().load(), 1030))
        server.watch_list, server.gzip_from = "refused", 1 << 40
        run = self.exporter(server)
        count = lambda: run.health("/metrics") == 200 and len(run.page().of("kube_pod_info"))  # noqa: E731
        until(lambda: count() == 1030, 30, "all pods")
        lists = server.requests("/api/v1/pods", watch=False)
        self.assertGreater(len(lists), 4)
        self.assertLess(max(asked.sent for asked in lists), 1_000_000)
        few = self.exporter(server, "--resources=pods", "--object-limit=5")
        until(lambda: few.health("/metrics") == 200 and len(few.page().of("kube_pod_info")) == 5, 20, "five pods")


if __name__ == "__main__":
    main()
