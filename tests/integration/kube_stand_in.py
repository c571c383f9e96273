#!/usr/bin/env python3
"""A stand-in for a Kubernetes API server: answers as the captured one did, over TLS with tokens and client certificates, and
fails in every way that a test asks for. In a test it lives in the test's process; for a bench it runs alone:

  kube_stand_in.py FOLDER [--pods N] [--plain]   writes FOLDER/kubeconfig, says "ready PORT", and serves until it is ended;
                                                 /control/NAME?argument=value does what the methods named in CONTROLS do.
"""
import argparse
import json
import signal
import sys
import threading
import urllib.parse
import uuid

import kube_churn
import kube_fleet
from kube_api import Api
from kube_http import GZIP_FROM, Fault, Listener
from kube_pki import Pki, kubeconfig
from kube_store import CAPTURES, Store

TOKEN = "t0ken-of-the-reader"
CONTROLS = ("facts", "requests", "fault", "heal", "drop", "refuse", "expire", "churn", "calm")


class StandIn:
    """Faults: `fault` for answers to come, `drop`, `refuse`, `expire`, `on_watches` for what is open."""

    def __init__(self, store=None, pki=None, port=0):
        self.store = store or Store().load()
        self.pki, self.port = pki, port
        self.uid = str(uuid.uuid4())
        self.version = (CAPTURES / "version.json").read_bytes()
        self.tokens = {TOKEN: "reader"}
        self.anonymous = None if pki else "system:anonymous"  # without TLS nobody is asked who he is
        self.forbidden, self.missing = set(), set()           # plurals answered with 403 or 404
        self.scrapers, self.grants = {}, set()                # for reviews: token -> user; (user, verb, path)
        self.watch_list = "on"                                # or "refused", "ignored": as servers without it do
        self.bookmark_seconds, self.future_seconds, self.gzip_from = 60.0, 3.0, GZIP_FROM
        self.markers = ()                                     # bytes that are looked for in every answer
        self.asked, self.faults = [], []
        self.expirations, self.closing, self.churner = 0, False, None
        self.lock = threading.Lock()
        self.context = pki.context() if pki else None
        self.listener = Listener(self.serve, port)
        self.port = self.listener.port
        self.url = f"{'https' if pki else 'http'}://127.0.0.1:{self.port}"

    def serve(self, plain):
        if not self.context:
            return Api(plain, plain.getpeername(), self)
        plain.settimeout(20)
        secure = self.context.wrap_socket(plain, server_side=True)
        secure.settimeout(None)
        self.listener.adopt(plain, secure)
        try:
            return Api(secure, None, self)
        finally:
            self.listener.forget(secure)

    def number_of(self, connection):
        return self.listener.connections.get(connection, 0)

    def alive(self, connection):
        return connection in self.listener.connections

    def remember(self, asked):
        with self.lock:
            self.asked.append(asked)

    def fault_for(self, asked):
        with self.lock:
            return next((fault for fault in self.faults if fault.takes(asked.target)), None)

    def fault(self, kind, pattern="", times=None, **more):
        """From now on, what answers requests whose target matches: delay (seconds), hang, html (status), garbage (body),
        status (code, message, headers), cut (at: the piece in whose middle it ends), silent (a watch that says nothing)."""
        fault = Fault(kind, pattern, times, **more)
        with self.lock:
            self.faults.insert(0, fault)
        return fault

    def heal(self):
        with self.lock:
            self.faults = []

    def on_watches(self, kind, pattern=""):
        """Every open watch that matches is cut in its next event, or silent from now on."""
        hit = [asked for asked in self.open_watches() if pattern in asked.target]
        for asked in hit:
            asked.fault = Fault(kind, at=asked.pieces)
        return len(hit)

    def drop(self):
        self.listener.drop()

    def refuse(self, seconds=None):
        """Nobody gets in, and who is in is thrown out: for some seconds, or until `admit`."""
        self.listener.refuse()
        self.listener.drop()
        if seconds is not None:
            threading.Timer(float(seconds), self.admit).start()

    def admit(self):
        self.listener.accept_again()

    def expire(self):
        """Every version so far is too old: for lists and watches to come, and for the watches that are open."""
        self.store.compact()
        self.expirations += 1

    def churn(self, rate=100, seconds=None, plurals="pods", seed=1):
        """Modifies objects at a steady rate, in a thread."""
        self.calm()
        self.churner = kube_churn.Churner(self.store, float(rate), plurals.split(","), int(seed), seconds and float(seconds))

    def calm(self):
        if self.churner:
            self.churner.stop()

    def requests(self, path=None, watch=None, since=0):
        """The requests so far, but for control; of one path, of watches or of the others alone, from the n-th on."""
        with self.lock:
            asked = self.asked[since:]
        return [a for a in asked if (path is None or a.path == path) and (watch is None or a.watch == watch)]

    def open_watches(self):
        return [asked for asked in self.requests(watch=True) if asked.status == 200 and not asked.done and self.is_open(asked)]

    def is_open(self, asked):
        with self.listener.lock:
            return asked.connection in self.listener.connections.values()

    def facts(self):
        return {"rv": self.store.rv, "requests": len(self.asked), "watches": len(self.open_watches()),
                "connections": self.listener.accepted, "churned": self.churner.done if self.churner else 0,
                "objects": {plural: self.store.count(plural) for plural in self.store.resources}}

    def control(self, handler):
        """/control/NAME?argument=value"""
        url = urllib.parse.urlsplit(handler.path)
        name = url.path.removeprefix("/control/")
        found = getattr(self, name)(**dict(urllib.parse.parse_qsl(url.query))) if name in CONTROLS else None
        found = [asked.facts() for asked in found] if name == "requests" else found if name == "facts" else {}
        body = json.dumps(found).encode()
        handler.send_response_only(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def kubeconfig(self, path, user=None, cluster=None, **more):
        """Written to this path: by default with everything inline, as k3s writes it."""
        if cluster is None:
            cluster = {"certificate-authority-data": self.pki.data("ca.pem")} if self.pki else {}
        return kubeconfig(path, self.url, {"token": TOKEN} if user is None else user, cluster, **more)

    def close(self):
        self.closing = True
        self.calm()
        self.listener.close()


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder")
    words.add_argument("--pods", type=int, default=30)
    words.add_argument("--pods-only", action="store_true", help="the fleet adds pods and nothing else")
    words.add_argument("--plain", action="store_true", help="HTTP without TLS")
    words.add_argument("--watch-list", default="on", choices=("on", "refused", "ignored"))
    given = words.parse_args()
    store = Store().load()
    kube_fleet.populate(store, given.pods, pods_only=given.pods_only)
    server = StandIn(store, None if given.plain else Pki(given.folder))
    server.watch_list = given.watch_list
    server.kubeconfig(f"{given.folder}/kubeconfig")
    print(f"ready {server.port}", flush=True)
    signal.pause()


if __name__ == "__main__":
    sys.exit(main())
