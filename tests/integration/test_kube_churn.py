"""Churn with cuts, expired versions and outages: after any of it the page is what the model makes of the server's objects,
and, sample by sample, what a program that starts now shows. The class Day is long: a day's worth, and memory that stays flat."""
import random

import kube_fleet
import kube_model
from harness import main
from kube_case import ALL_FLAGS, KubeCase
from kube_churn import Churn
from kube_store import Store


class ChurnCase(KubeCase):
    def begin(self, pods, seed, *flags):
        self.random, self.flags = random.Random(seed), flags
        self.server = self.stand_in(store=kube_fleet.populate(Store().load(), pods, seed))
        self.server.bookmark_seconds = 1.0
        self.churn = Churn(self.server.store, seed=seed)
        self.ours = self.exporter(self.server, *flags)
        self.settles()

    def settles(self):
        self.ours.wait_same(lambda: kube_model.expected(self.server.store), kube_model.FAMILIES, 40)

    def steps(self, count):
        for _ in range(count):
            self.churn.step()

    def round(self, steps):
        """Changes before, during and after something that goes wrong."""
        server = self.server
        self.steps(steps // 3)
        what = self.random.choice(("cut", "drop", "expire", "compact", "away", "garbage", "nothing"))
        if what == "cut":
            server.on_watches("cut")
        elif what == "drop":
            server.drop()
        elif what == "expire":
            server.expire()
        elif what == "compact":
            server.store.compact()
            server.drop()
        elif what == "away":
            server.refuse()
        elif what == "garbage":
            server.fault("garbage", times=5)
            server.drop()
        self.steps(steps // 3)
        server.admit()
        self.steps(steps // 3)
        self.settles()
        server.heal()


class Hour(ChurnCase):
    def test_page_is_the_model(self):
        self.begin(100, 1)
        for _ in range(8):
            self.round(150)
        self.assert_from_scratch(self.ours, self.server)

    def test_with_labels_and_pages(self):
        """Lists in pages, and what the allow-lists let through; another seed."""
        self.begin(230, 2, *ALL_FLAGS)
        self.server.watch_list = "refused"
        for _ in range(4):
            self.round(300)
        self.assert_from_scratch(self.ours, self.server, *ALL_FLAGS)


class Day(ChurnCase):
    def test_memory_stays_flat(self):
        self.begin(1030, 3)
        sizes = []
        for _ in range(24):
            for _ in range(4):
                self.round(600)
            sizes.append(self.ours.program.resident_kib())
        print("kB resident, hour by hour:", *sizes)
        self.assert_from_scratch(self.ours, self.server)
        self.assertLess(max(sizes[12:]), 1.1 * max(sizes[4:12]), sizes)


if __name__ == "__main__":
    main()
