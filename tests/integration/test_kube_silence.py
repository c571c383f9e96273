"""A watch that says nothing, neither event nor bookmark: after 150 s it is cut and goes on from its version. It takes that long."""
import time

import kube_model
from harness import main, until
from kube_case import KubeCase, reference


class Silent(KubeCase):
    def test_a_silent_watch_is_cut_and_resumed(self):
        server = self.stand_in()
        run = self.exporter(server).wait_same(reference("expected").samples)
        until(lambda: len(server.open_watches()) > 30, 20, "open watches")
        self.assertGreater(server.on_watches("silent", "/configmaps"), 0)
        before = len(server.asked)
        server.store.put("configmaps", server.store.get("configmaps", "jellyfin-env", "media"))
        began = time.monotonic()
        run.wait_same(lambda: kube_model.expected(server.store), kube_model.FAMILIES, 200)
        self.assertGreater(time.monotonic() - began, 100)
        again = [asked for asked in server.requests("/api/v1/configmaps", since=before)]
        self.assertTrue(again[0].watch, "resumed from its version, without a list")
        self.assertEqual(again[0].query["resourceVersion"], "438")


if __name__ == "__main__":
    main()
