"""Changes in a cluster, decided by a seed: one at a time for tests that compare a page with a model, or at a steady rate from a
thread. What is changed is what the model knows of: phases, restarts, replicas, conditions, and which objects there are."""
import copy
import random
import threading
import time

from kube_fleet import Maker

PLURALS = ("pods", "deployments", "configmaps", "nodes", "services", "secrets", "namespaces")


class Churn:
    """Each call of `step` makes one change."""

    def __init__(self, store, plurals=PLURALS, seed=1, deletes=True):
        self.store, self.plurals, self.deletes = store, plurals, deletes
        self.random, self.maker, self.made = random.Random(seed), Maker(seed), 0
        self.keys = {plural: [] for plural in plurals}

    def pick(self, plural):
        """A key of what is there; None when nothing is."""
        items = self.store.resources[plural].items
        while items:
            if not self.keys[plural]:
                self.keys[plural] = sorted(items)
                self.random.shuffle(self.keys[plural])
            key = self.keys[plural].pop()
            if key in items:
                return key
        return None

    def step(self):
        plural = self.random.choice(self.plurals)
        with self.store.lock:
            key, choice = self.pick(plural), self.random.random()
            if key is None:
                return
            item = self.store.resources[plural].items[key]
            if self.deletes and choice < 0.15:
                if self.store.count(plural) > 2:
                    self.store.delete(plural, item.name, item.namespace)
            elif self.deletes and choice < 0.35:
                self.store.put(plural, self.another(item.object()))
            else:
                object_ = item.object()
                getattr(self, plural, self.relabel)(object_)
                self.store.put(plural, object_)

    def another(self, object_):
        self.made += 1
        object_ = copy.deepcopy(object_)
        object_["metadata"].update(name=f"made-{self.made}-{self.maker.hexadecimal(4)}", uid=self.maker.uid(),
                                   creationTimestamp=self.maker.time())
        return object_

    def relabel(self, object_):
        object_["metadata"].setdefault("labels", {})["touched"] = str(self.random.randrange(100))

    def pods(self, object_):
        status = object_["status"]
        status["phase"] = self.random.choice(("Running", "Running", "Pending", "Succeeded", "Failed", "Unknown"))
        for container in status.get("containerStatuses", ()):
            container["restartCount"] += self.random.randrange(2)
            container["ready"] = self.random.random() < 0.5
        self.relabel(object_)

    def deployments(self, object_):
        object_["status"]["replicas"] = self.random.randrange(12)
        if self.random.random() < 0.2:
            del object_["status"]["replicas"]  # as the server leaves out what is nil
        object_["spec"]["replicas"] = self.random.randrange(12)

    def nodes(self, object_):
        for condition in object_["status"].get("conditions", ()):
            condition["status"] = self.random.choice(("True", "False", "Unknown"))


class Churner:
    """Modifications at `rate` a second, in a thread, for some seconds or until it is stopped."""

    def __init__(self, store, rate, plurals, seed, seconds):
        self.churn = Churn(store, plurals, seed, deletes=False)
        self.rate, self.seconds, self.done, self.stopped = rate, seconds, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        begin = time.monotonic()
        while not self.stopped.is_set():
            passed = time.monotonic() - begin
            if self.seconds is not None and passed > self.seconds:
                return
            due = int(passed * self.rate) - self.done
            for _ in range(due):
                self.churn.step()
                self.done += 1
            self.stopped.wait(max(0.001, (self.done + 1) / self.rate - (time.monotonic() - begin)))

    def stop(self):
        self.stopped.set()
        self.thread.join()
