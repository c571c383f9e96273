"""Prometheus as a receiver of remote_write. Stale markers and NaN are seen by queries only."""
import json
import time
import urllib.parse

from harness import Process, free_port, peer
from peers import Peer, good, request


class Prometheus(Peer):
    """VARIABLE: PEER_PROMETHEUS_12 for that of Debian 12. It takes samples of the last hour or so, in order."""

    def __init__(self, case, *flags, variable="PEER_PROMETHEUS", config="scrape_configs: []"):
        self.port = free_port()
        path = case.file(f"prometheus-{self.port}.yml", config)
        self.process = Process(case, [
            peer(variable), f"--config.file={path}", f"--web.listen-address=127.0.0.1:{self.port}",
            f"--storage.tsdb.path={case.folder}/tsdb-{self.port}", "--web.enable-remote-write-receiver", *flags],
            "prometheus").wait_ready(self.port, "/-/ready")
        self.url = f"http://127.0.0.1:{self.port}"
        self.remote_write = f"{self.url}/api/v1/write"

    def query(self, expression):
        path = "/api/v1/query?time=" + str(time.time() + 60) + "&query=" + urllib.parse.quote(expression)
        return json.loads(good(request(self.port, "GET", path)))["data"]["result"]

    def received(self, match='{__name__!=""}'):
        found = {}
        for row in self.query(match + "[1d]"):
            name = row["metric"].pop("__name__", "")
            found[name, tuple(sorted(row["metric"].items()))] = [(round(at * 1000), float(value)) for at, value in row["values"]]
        return found
