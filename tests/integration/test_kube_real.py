"""A real cluster, where KUBECONFIG leads to one: read only, and no Secret at all. The page of a dozen families is what kubectl lists."""
import json
import os
import shutil
import subprocess
import unittest

import kube_model
from harness import main
from kube_case import KubeCase
from kube_store import Store

PLURALS = sorted(set(kube_model.RULES) - {"secrets"})


class Real(KubeCase):
    def setUp(self):
        super().setUp()
        if not os.environ.get("KUBECONFIG"):
            raise unittest.SkipTest("KUBECONFIG is not set")
        if not shutil.which("kubectl"):
            raise unittest.SkipTest("no kubectl")

    def listed(self):
        """What the model makes of the cluster as it is now."""
        store = Store().load()
        for plural in PLURALS:
            resource = store.resources[plural]
            resource.items.clear()
            listing = subprocess.run(["kubectl", "get", "--raw", f"{resource.path}/{plural}"], check=True, capture_output=True)
            for object_ in json.loads(listing.stdout)["items"]:
                store.place(plural, object_)
        store.resources["secrets"].items.clear()
        return kube_model.expected(store)

    def test_page_is_what_kubectl_lists(self):
        run = self.exporter(None, "--resources=" + ",".join(PLURALS), kubeconfig=os.environ["KUBECONFIG"])
        wanted = self.listed()
        self.assertGreater(len(wanted), 0)
        run.wait_same(self.listed, kube_model.FAMILIES, seconds=60)


if __name__ == "__main__":
    main()
